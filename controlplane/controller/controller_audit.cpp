// SPDX-License-Identifier: Apache-2.0
// Who tried what. The end of the chain of entries stands in a file beside the book and, with each
// entry, in the log, so that neither can be cut short alone.
#include <sodium.h>

#include <array>
#include <cstdio>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "controlplane/controller/controller.hpp"
#include "controlplane/controller/state_files.hpp"
#include "controlplane/model/regular_file.hpp"
#include "controlplane/model/text.hpp"

namespace sweepgate::controller {

namespace {

constexpr std::size_t kMaxHead = 256;
constexpr std::size_t kShownOfAHash = 12;
constexpr std::size_t kAtOnce = 2000; // entries that are looked at while others wait

std::string to_line(const AuditHead& head) {
    return fmt::format("{} {}\n", head.id, to_hex(head.hash));
}

/// False: it is none.
bool read_line(const std::string& line, AuditHead& head) {
    std::array<char, 2 * sizeof(Digest) + 1> digits{};
    if (std::sscanf(line.c_str(), "%ld %64s", &head.id, digits.data()) != 2 || head.id <= 0)
        return false;
    std::size_t length = 0;
    return sodium_hex2bin(head.hash.data(), head.hash.size(), digits.data(), 64, nullptr, &length,
                          nullptr) == 0 &&
           length == head.hash.size();
}

} // namespace

Status Controller::write_audit(const AuditEntry& entry) {
    const auto head = book_.audit(entry);
    if (!head) return tl::unexpected(head.error());
    audit_head_ = *head;
    spdlog::info(
        "audit {} {}: {}", head->id, to_hex(head->hash).substr(0, kShownOfAHash),
        printable(fmt::format("{}{}{} {} {}: {}", entry.who, entry.origin.empty() ? "" : ", ",
                              entry.origin, entry.verb, entry.detail, entry.result)));
    if (!no_storage_.empty()) return {};
    return wire::save(folder_.file(kAuditHead), to_line(*head));
}

void Controller::audit(const std::string& who, const std::string& verb, const std::string& detail,
                       const std::string& result, const std::string& origin) {
    const std::lock_guard guard(lock_);
    if (auto ok = write_audit({now(), who, verb, detail, result, origin}); !ok)
        spdlog::error("audit log: {}: {}", printable(ok.error().what),
                      printable(fmt::format("{} {} {}: {}", who, verb, detail, result)));
}

void Controller::check_audit() {
    if (const auto head = book_.audit_head()) audit_head_ = *head;
    const auto text = read_regular_file(folder_.file(kAuditHead), kMaxHead);
    if (!text || !no_storage_.empty()) return; // the first start that keeps one
    AuditHead known;
    const bool read = read_line(*text, known);
    const auto there = read ? book_.has_audit(known) : Result<bool>(false);
    if (!there || *there) return;
    const auto fault =
        read
            ? fmt::format("entry {} of the audit, {}, is not there as it was written: entries were "
                          "lost or taken out",
                          known.id, to_hex(known.hash).substr(0, kShownOfAHash))
            : folder_.file(kAuditHead).string() + ": says nothing of where the audit ended";
    faults_.add({"audit", "degraded", fault, {}});
    if (auto ok = write_audit({now(), "controller", "audit", "start", fault}); !ok)
        spdlog::error("audit log: {}", printable(ok.error().what));
}

Result<AuditWalk> Controller::verify_audit() const {
    AuditWalk walk;
    while (!walk.done && walk.fault.empty()) {
        const std::lock_guard guard(lock_);
        if (auto ok = book_.walk_audit(walk, kAtOnce); !ok) return tl::unexpected(ok.error());
        if (walk.done && walk.fault.empty() && walk.next != audit_head_.id + 1 &&
            audit_head_.id != 0 && walk.whole > 0)
            walk.fault = fmt::format("entry {} is missing", walk.next);
    }
    if (walk.fault.empty()) return walk;
    return fail(Errc::refused, fmt::format("the audit is not as it was written: {}; {} before it "
                                           "are whole",
                                           walk.fault, walk.whole));
}

} // namespace sweepgate::controller
