// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <optional>

#include "controlplane/config/faults.hpp"
#include "controlplane/model/nearest.hpp"
#include "controlplane/model/regular_file.hpp"
#include "controlplane/wire/key_text.hpp"
#include "controlplane/wire/keys.hpp"
#include "controlplane/wire/store.hpp"
#include "controlplane/wire/text.hpp"

namespace sweepgate::wire {

namespace {

constexpr std::size_t kMaxAuthorizedFile = 1U << 20U;
constexpr std::size_t kMaxName = 64;
constexpr std::string_view kPublic = "sweepgate-curve-public"; // what a .pub file starts with

std::optional<Role> role_from(std::string_view text) {
    for (const auto role : {Role::gate, Role::relay, Role::viewer, Role::admin})
        if (to_string(role) == text) return role;
    return std::nullopt;
}

std::vector<std::string> role_words() { return {"gate", "relay", "viewer", "admin"}; }

bool is_name(std::string_view name) {
    constexpr std::string_view kAllowed =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    return !name.empty() && name.size() <= kMaxName &&
           name.find_first_not_of(kAllowed) == std::string_view::npos;
}

/// Words of one line and where they stand; every fault goes into `faults`.
class LineReader {
public:
    LineReader(const WordLine& line, config::Faults& faults) : line_(line), faults_(faults) {}

    std::optional<AuthorizedKey> read() {
        const auto order = places();
        if (!order) return std::nullopt;
        const auto& [role, name, key] = *order;
        const auto known = role_from(word(role));
        if (!known)
            reject(role, "role '" + shown(role) + "' " + not_one_of(word(role), role_words()));
        if (!is_name(word(name)))
            reject(name, "bad name '" + shown(name) + "': letters, digits, '.', '_' and '-'");
        if (!is_curve_key(word(key))) reject(key, "'" + shown(key) + "' is not a Z85 key");
        if (!known || !is_name(word(name)) || !is_curve_key(word(key))) return std::nullopt;
        return AuthorizedKey{*known, word(name), word(key)};
    }

    void reject(std::size_t at, const std::string& why) {
        faults_.add({line_.number, line_.columns[at]}, why);
    }

private:
    using Places = std::array<std::size_t, 3>; // of role, name and key

    /// "ROLE NAME KEY", or with what a .pub file holds in place of the key, in front or behind.
    std::optional<Places> places() {
        const auto& words = line_.words;
        if (words.size() == 4 && words[0] == kPublic) return Places{2, 3, 1};
        if (words.size() == 4 && words[2] == kPublic) return Places{0, 1, 3};
        if (words.size() == 3 && words[0] != kPublic) return Places{0, 1, 2};
        if (words[0] == kPublic)
            reject(0, "a public key without role and name: write ROLE NAME in front of it, or "
                      "use sweepgate keys authorize");
        else
            reject(0,
                   std::to_string(words.size()) + " word(s), expected role, name and public key");
        return std::nullopt;
    }

    [[nodiscard]] const std::string& word(std::size_t at) const { return line_.words[at]; }
    [[nodiscard]] std::string shown(std::size_t at) const { return word(at).substr(0, kMaxName); }

    const WordLine& line_;
    config::Faults& faults_;
};

} // namespace

AuthorizedKeys AuthorizedKeys::read(std::string_view text, std::string_view name) {
    AuthorizedKeys keys;
    config::Faults faults;
    for (const auto& line : word_lines(text)) {
        LineReader reader(line, faults);
        const auto key = reader.read();
        if (!key) continue;
        const auto [held, fresh] = keys.keys_.emplace(key->public_key, *key);
        if (!fresh)
            reader.reject(0, "the key is already given to " +
                                 std::string(to_string(held->second.role)) + " " +
                                 held->second.name);
    }
    if (faults.empty()) return keys;
    const auto told = faults.error(name).what;
    for (std::size_t begin = 0; begin < told.size();) {
        const auto end = std::min(told.find('\n', begin), told.size());
        keys.faults_.push_back(told.substr(begin, end - begin));
        begin = end + 1;
    }
    return keys;
}

Result<AuthorizedKeys> AuthorizedKeys::parse(std::string_view text, std::string_view name) {
    auto keys = read(text, name);
    if (keys.faults_.empty()) return keys;
    std::string all;
    for (const auto& fault : keys.faults_) all += (all.empty() ? "" : "\n") + fault;
    return fail(Errc::bad_input, all);
}

Result<AuthorizedKeys> AuthorizedKeys::load(const std::filesystem::path& path,
                                            const std::filesystem::path& copy) {
    auto text = read_regular_file(path, kMaxAuthorizedFile);
    if (text)
        if (auto ok = check_guarded(path); !ok) text = tl::unexpected(ok.error());
    auto keys = text ? Result<AuthorizedKeys>(read(*text, path.string()))
                     : Result<AuthorizedKeys>(tl::unexpected(text.error()));
    // Whoever wants nobody in leaves a comment: an emptied file is an accident, as is garbage.
    const bool blank = text && text->find_first_not_of(" \t\r\n") == std::string::npos;
    const bool garbage = keys && keys->keys_.empty() && !keys->faults_.empty();
    if (keys && !blank && !garbage) {
        if (!copy.empty()) keep_copy(copy, *text);
        return keys;
    }
    const auto kept = copy.empty() ? text : read_regular_file(copy, kMaxAuthorizedFile);
    if (copy.empty() || !kept) return keys;
    auto last = read(*kept, copy.string());
    if (keys && last.keys_.empty()) return keys;
    const auto why = !keys   ? keys.error().what
                     : blank ? path.string() + ": is empty"
                             : path.string() + ": has no key";
    last.faults_.insert(last.faults_.begin(), why + "; the keys that were read last stay");
    if (garbage)
        last.faults_.insert(last.faults_.end(), keys->faults_.begin(), keys->faults_.end());
    return last;
}

const AuthorizedKey* AuthorizedKeys::find(std::string_view public_key) const {
    const auto found = keys_.find(public_key);
    return found == keys_.end() ? nullptr : &found->second;
}

} // namespace sweepgate::wire
