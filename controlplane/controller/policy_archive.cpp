// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/policy_archive.hpp"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sodium.h>

#include "controlplane/config/document.hpp"
#include "controlplane/controller/number.hpp"
#include "controlplane/controller/policy_note.hpp"
#include "controlplane/wire/store.hpp"

namespace sweepgate::controller {

namespace {

constexpr std::size_t kKept = 100;
constexpr std::size_t kKeptByMachine = 20;
constexpr std::size_t kMaxListsBytes = std::size_t{256} << 20U;
constexpr std::string_view kRemembered = "file-as-read";
constexpr std::string_view kInForce = "in-force";

Status make_folder(const std::filesystem::path& folder) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error && !std::filesystem::is_directory(folder))
        return fail(Errc::io, folder.string() + ": " + error.message());
    return {};
}

bool by_person(const FiledPolicy& policy) { return policy.note.cause != FiledBy::lists; }

} // namespace

std::string text_digest(std::string_view text) {
    std::array<unsigned char, 16> hash{};
    crypto_generichash(hash.data(), hash.size(),
                       reinterpret_cast<const unsigned char*>(text.data()), text.size(), nullptr,
                       0);
    std::string hex;
    for (const auto byte : hash) hex += fmt::format("{:02x}", byte);
    return hex;
}

bool FiledPolicy::same_as(const FiledPolicy& other) const {
    return digest == other.digest &&
           std::ranges::equal(lists, other.lists, [](const FiledList& a, const FiledList& b) {
               return a.name == b.name && a.format == b.format && a.digest == b.digest;
           });
}

Result<PolicyArchive> PolicyArchive::open(const std::filesystem::path& state) {
    PolicyArchive archive(state);
    // What cannot be made now is told when something is to be filed.
    (void)archive.make_folders();
    return archive;
}

Status PolicyArchive::make_folders() {
    if (auto ok = make_folder(folder_); !ok) return ok;
    return make_folder(lists_);
}

std::filesystem::path PolicyArchive::text_of(std::uint64_t number) const {
    return folder_ / fmt::format("{:06}.toml", number);
}

std::filesystem::path PolicyArchive::note_of(std::uint64_t number) const {
    return folder_ / fmt::format("{:06}.json", number);
}

std::vector<std::uint64_t> PolicyArchive::numbers() const {
    std::set<std::uint64_t> numbers;
    std::error_code error;
    const std::filesystem::directory_iterator end_of_folder;
    for (std::filesystem::directory_iterator each(folder_, error); !error && each != end_of_folder;
         each.increment(error)) {
        const auto number = number_from(each->path().stem().string());
        if (number && (each->path() == text_of(*number) || each->path() == note_of(*number)))
            numbers.insert(*number);
    }
    return {numbers.begin(), numbers.end()};
}

std::optional<PolicyArchive::InForce> PolicyArchive::in_force() const {
    const auto text = config::read_file(folder_ / kInForce, 4096);
    if (!text) return std::nullopt;
    const auto object = nlohmann::json::parse(*text, nullptr, false);
    if (!object.is_object() || !object.value("number", nlohmann::json()).is_number_unsigned())
        return std::nullopt;
    const auto digest = object.value("digest", nlohmann::json());
    if (!digest.is_string()) return std::nullopt;
    return InForce{object["number"].get<std::uint64_t>(), digest.get<std::string>()};
}

Status PolicyArchive::set_in_force(const InForce& now) {
    return wire::save(folder_ / kInForce,
                      nlohmann::json{{"number", now.number}, {"digest", now.digest}}.dump());
}

Status PolicyArchive::file_lists(const std::vector<ListToFile>& lists, FiledPolicy& policy) {
    for (const auto& [used, seen] : lists) {
        FiledList list{used.name, std::string(to_string(used.format)), text_digest(*used.text),
                       seen, used.text->size()};
        if (list.seen.empty()) list.seen = list.digest;
        const auto path = lists_ / list.digest;
        const auto held = config::read_file(path, kMaxListBytes);
        if (!held || *held != *used.text)
            if (auto ok = wire::save(path, *used.text); !ok) return ok;
        policy.lists.push_back(std::move(list));
    }
    return {};
}

Result<std::uint64_t> PolicyArchive::file(std::string_view text, const PolicyNote& note,
                                          const std::vector<ListToFile>& lists, Instant time) {
    if (auto ok = make_folders(); !ok) return tl::unexpected(ok.error());
    const auto held = numbers();
    const auto before = in_force();
    auto newest = held.empty() ? 0 : held.back();
    if (before) newest = std::max(newest, before->number);
    FiledPolicy policy{newest + 1, std::string(text), text_digest(text), time, note, {}};
    policy.note.message.resize(std::min(note.message.size(), kMaxPolicyMessage));
    policy.note.file.resize(std::min(note.file.size(), kMaxPolicyFile));
    auto ok = file_lists(lists, policy);
    if (ok) ok = wire::save(text_of(policy.number), text);
    if (ok) ok = wire::save(note_of(policy.number), to_note(policy));
    if (ok) ok = set_in_force({policy.number, policy.digest});
    if (!ok) {
        forget(policy.number);
        return tl::unexpected(ok.error());
    }
    forget_old();
    return policy.number;
}

void PolicyArchive::forget(std::uint64_t number) {
    std::error_code ignored; // an old file that will not go does no harm
    std::filesystem::remove(text_of(number), ignored);
    std::filesystem::remove(note_of(number), ignored);
}

void PolicyArchive::forget_old() {
    std::size_t people = 0;
    std::size_t machine = 0;
    std::size_t bytes = 0;
    std::set<std::string> lists;
    const auto held = numbers();
    for (auto number = held.rbegin(); number != held.rend(); ++number) {
        const auto policy = get(*number);
        const bool person = !policy || by_person(*policy);
        if (person ? ++people > kKept : ++machine > kKeptByMachine) {
            forget(*number);
            continue;
        }
        if (!policy) continue;
        for (const auto& list : policy->lists) {
            if (lists.contains(list.digest)) continue;
            if (number != held.rbegin() && bytes + list.bytes > kMaxListsBytes) continue;
            bytes += list.bytes;
            lists.insert(list.digest);
        }
    }
    std::error_code error;
    for (std::filesystem::directory_iterator each(lists_, error), end; !error && each != end;
         each.increment(error))
        if (std::error_code ignored; !lists.contains(each->path().filename().string()))
            std::filesystem::remove(each->path(), ignored);
}

Status PolicyArchive::withdraw(std::uint64_t number) {
    std::error_code error;
    std::filesystem::remove(text_of(number), error);
    if (error) return fail(Errc::io, text_of(number).string() + ": " + error.message());
    std::filesystem::remove(note_of(number), error);
    const auto held = numbers();
    if (held.empty()) {
        std::filesystem::remove(folder_ / kInForce, error);
        return {};
    }
    const auto newest = get(held.back());
    if (!newest) return tl::unexpected(newest.error());
    return set_in_force({newest->number, newest->digest});
}

Status PolicyArchive::remember_file(std::string_view text) {
    return wire::save(folder_ / kRemembered, text);
}

std::optional<std::string> PolicyArchive::remembered_file() const {
    auto text = config::read_file(folder_ / kRemembered, kMaxPolicyBytes);
    if (!text) return std::nullopt;
    return std::move(*text);
}

} // namespace sweepgate::controller
