// SPDX-License-Identifier: Apache-2.0
// What is read of the archive: a policy from whichever of its two copies is whole, and the way
// back.
#include <algorithm>

#include <fmt/format.h>
#include <sys/stat.h>

#include "controlplane/config/document.hpp"
#include "controlplane/controller/policy_archive.hpp"
#include "controlplane/controller/policy_note.hpp"

namespace sweepgate::controller {

namespace {

constexpr std::size_t kMaxNote = 4 * kMaxPolicyBytes; // escapes make a text longer

Instant written_at(const std::filesystem::path& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return {};
    return Instant(std::chrono::seconds(status.st_mtim.tv_sec));
}

} // namespace

Result<FiledPolicy> PolicyArchive::get(std::uint64_t number) const {
    const auto held = numbers();
    if (!std::ranges::binary_search(held, number))
        return fail(Errc::not_found, held.empty()
                                         ? fmt::format("no policy {}: none is filed", number)
                                         : fmt::format("no policy {}: {} to {} are filed", number,
                                                       held.front(), held.back()));
    const auto note = config::read_file(note_of(number), kMaxNote);
    auto whole = note ? from_note(*note) : Result<FiledPolicy>(tl::unexpected(note.error()));
    if (whole && whole->number == number) return whole;
    auto text = config::read_file(text_of(number), kMaxPolicyBytes);
    if (!text) return tl::unexpected(text.error());
    FiledPolicy policy;
    policy.number = number;
    policy.digest = text_digest(*text);
    policy.text = std::move(*text);
    policy.time = written_at(text_of(number));
    return policy;
}

Result<std::optional<FiledPolicy>> PolicyArchive::current() const {
    const auto said = in_force();
    const auto held = numbers();
    if (held.empty() && !said) return std::optional<FiledPolicy>{};
    const auto number = said ? said->number : held.back();
    auto policy = get(number);
    if (!policy)
        return fail(Errc::io, fmt::format("policy {}, which is in force, cannot be read: {}",
                                          number, policy.error().what));
    if (said ? policy->digest != said->digest : policy->text.empty())
        return fail(Errc::io, fmt::format("policy {}, which is in force, is damaged in the archive "
                                          "({})",
                                          number, text_of(number).string()));
    return std::optional<FiledPolicy>(std::move(*policy));
}

std::vector<std::string> PolicyArchive::damage() const {
    std::vector<std::string> found;
    const auto said = in_force();
    const auto held = numbers();
    if (!said && !held.empty() && std::filesystem::exists(note_of(held.back())))
        found.push_back((folder_ / "in-force").string() +
                        ": cannot be read; the highest number is taken to be in force");
    if (!said) return found;
    const auto text = config::read_file(text_of(said->number), kMaxPolicyBytes);
    if (!text)
        found.push_back(text.error().what + "; its copy is in force");
    else if (text_digest(*text) != said->digest)
        found.push_back(text_of(said->number).string() + ": is damaged; its copy is in force");
    const auto note = config::read_file(note_of(said->number), kMaxNote);
    if (!note)
        found.push_back(note.error().what);
    else if (const auto whole = from_note(*note); !whole)
        found.push_back(note_of(said->number).string() + ": " + whole.error().what);
    return found;
}

Result<FiledPolicy> PolicyArchive::before(const FiledPolicy& current) const {
    const auto place = current.note.back_to == 0 ? current.number : current.note.back_to;
    const auto held = numbers();
    for (auto number = held.rbegin(); number != held.rend(); ++number) {
        if (*number >= place) continue;
        auto policy = get(*number);
        if (!policy || policy->same_as(current) || policy->note.cause == FiledBy::lists) continue;
        // Lists that a feed has changed since are no step of a person's.
        if (current.note.cause == FiledBy::lists && policy->digest == current.digest) continue;
        return policy;
    }
    return fail(Errc::not_found,
                place == current.number
                    ? fmt::format("there is no other policy before {}", place)
                    : fmt::format("there is no other policy before {}, to which {} went back",
                                  place, current.number));
}

std::vector<FiledPolicy> PolicyArchive::newest(std::size_t most) const {
    std::vector<FiledPolicy> found;
    const auto held = numbers();
    for (auto number = held.rbegin(); number != held.rend() && found.size() < most; ++number) {
        auto policy = get(*number);
        if (!policy) continue;
        policy->text.clear();
        found.push_back(std::move(*policy));
    }
    return found;
}

Result<std::string> PolicyArchive::list_text(const FiledList& list) const {
    auto text = config::read_file(lists_ / list.digest, kMaxListBytes);
    if (!text) return text;
    if (text_digest(*text) != list.digest)
        return fail(Errc::io, (lists_ / list.digest).string() + ": is damaged");
    return text;
}

} // namespace sweepgate::controller
