// SPDX-License-Identifier: Apache-2.0
#include "controlplane/wire/descriptor.hpp"
#include "controlplane/wire/keys.hpp"
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

Result<AuthorizedKeys> AuthorizedKeys::parse(std::string_view text, std::string_view name) {
    AuthorizedKeys keys;
    for (const auto& line : word_lines(text)) {
        const auto where = std::string(name) + ": line " + std::to_string(line.number);
        auto key = parse_line(line.words);
        if (!key) return within(where, key.error());
        const auto [held, fresh] = keys.keys_.emplace(key->public_key, *key);
        if (!fresh)
            return fail(Errc::bad_input, where + ": the key is already given to " +
                                             std::string(to_string(held->second.role)) + " " +
                                             held->second.name);
    }
    return keys;
}

Result<AuthorizedKeys> AuthorizedKeys::load(const std::filesystem::path& path) {
    auto file = open_to_read(path);
    if (!file) return tl::unexpected(file.error());
    auto text = read_whole(file->get(), kMaxAuthorizedFile, path);
    if (!text) return tl::unexpected(text.error());
    return parse(*text, path.string());
}

const AuthorizedKey* AuthorizedKeys::find(std::string_view public_key) const {
    const auto found = keys_.find(public_key);
    return found == keys_.end() ? nullptr : &found->second;
}

} // namespace sweepgate::wire
