// SPDX-License-Identifier: Apache-2.0
#include "controlplane/model/regular_file.hpp"
#include "controlplane/wire/keys.hpp"
#include "controlplane/wire/store.hpp"
#include "controlplane/wire/text.hpp"

namespace sweepgate::wire {

namespace {

constexpr std::size_t kMaxAuthorizedFile = 1U << 20U;
constexpr std::size_t kMaxName = 64;

Result<Role> parse_role(std::string_view text) {
    for (const auto role : {Role::gate, Role::relay, Role::viewer, Role::admin})
        if (to_string(role) == text) return role;
    return fail(Errc::bad_input, "unknown role '" + std::string(text.substr(0, 32)) +
                                     "', expected gate, relay, viewer or admin");
}

bool is_name(std::string_view name) {
    constexpr std::string_view kAllowed =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    return !name.empty() && name.size() <= kMaxName &&
           name.find_first_not_of(kAllowed) == std::string_view::npos;
}

Result<AuthorizedKey> parse_line(const std::vector<std::string>& words) {
    if (words.size() != 3)
        return fail(Errc::bad_input,
                    std::to_string(words.size()) + " word(s), expected role, name and public key");
    auto role = parse_role(words[0]);
    if (!role) return tl::unexpected(role.error());
    if (!is_name(words[1]))
        return fail(Errc::bad_input, "bad name '" + words[1].substr(0, kMaxName) + "'");
    if (!is_curve_key(words[2]))
        return fail(Errc::bad_input, "'" + words[2].substr(0, kMaxName) + "' is not a Z85 key");
    return AuthorizedKey{*role, words[1], words[2]};
}

} // namespace

AuthorizedKeys AuthorizedKeys::read(std::string_view text, std::string_view name) {
    AuthorizedKeys keys;
    for (const auto& line : word_lines(text)) {
        const auto where = std::string(name) + ":" + std::to_string(line.number) + ": ";
        auto key = parse_line(line.words);
        if (!key) {
            keys.faults_.push_back(where + key.error().what);
            continue;
        }
        const auto [held, fresh] = keys.keys_.emplace(key->public_key, *key);
        if (!fresh)
            keys.faults_.push_back(where + "the key is already given to " +
                                   std::string(to_string(held->second.role)) + " " +
                                   held->second.name);
    }
    return keys;
}

Result<AuthorizedKeys> AuthorizedKeys::parse(std::string_view text, std::string_view name) {
    auto keys = read(text, name);
    if (!keys.faults_.empty()) return fail(Errc::bad_input, keys.faults_.front());
    return keys;
}

Result<AuthorizedKeys> AuthorizedKeys::load(const std::filesystem::path& path,
                                            const std::filesystem::path& copy) {
    const auto text = read_regular_file(path, kMaxAuthorizedFile);
    if (text) {
        if (!copy.empty()) keep_copy(copy, *text);
        return read(*text, path.string());
    }
    const auto kept = copy.empty() ? text : read_regular_file(copy, kMaxAuthorizedFile);
    if (!kept) return tl::unexpected(text.error());
    auto keys = read(*kept, copy.string());
    keys.faults_.insert(keys.faults_.begin(),
                        text.error().what + "; the keys that were read last stay");
    return keys;
}

const AuthorizedKey* AuthorizedKeys::find(std::string_view public_key) const {
    const auto found = keys_.find(public_key);
    return found == keys_.end() ? nullptr : &found->second;
}

} // namespace sweepgate::wire
