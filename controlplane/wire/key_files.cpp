// SPDX-License-Identifier: Apache-2.0
// Key files: one kind word, then the key. Errors name the path and never show key material.
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>

#include "controlplane/wire/descriptor.hpp"
#include "controlplane/wire/keys.hpp"
#include "controlplane/wire/text.hpp"

namespace sweepgate::wire {

namespace {

constexpr std::size_t kMaxKeyFile = 64 * 1024;
constexpr mode_t kSecretMode = 0600;
constexpr mode_t kPublicMode = 0644;

std::string hex(std::span<const std::uint8_t> bytes) {
    std::string text(bytes.size() * 2 + 1, '\0');
    sodium_bin2hex(text.data(), text.size(), bytes.data(), bytes.size());
    text.pop_back();
    return text;
}

/// False unless `text` is exactly bytes.size() * 2 hex digits.
bool from_hex(std::string_view text, std::span<std::uint8_t> bytes) {
    std::size_t length = 0;
    return text.size() == bytes.size() * 2 &&
           sodium_hex2bin(bytes.data(), bytes.size(), text.data(), text.size(), nullptr, &length,
                          nullptr) == 0 &&
           length == bytes.size();
}

Status create(const std::filesystem::path& path, std::string_view text, mode_t mode) {
    const Descriptor file(
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode));
    if (!file && errno == EEXIST)
        return fail(Errc::conflict, path.string() + " exists; keys are never overwritten");
    if (!file) return system_fault("create", path);
    auto ok = ::fchmod(file.get(), mode) == 0 ? write_durably(file.get(), text, path)
                                              : Status(system_fault("chmod", path));
    if (!ok) ::unlink(path.c_str());
    return ok;
}

std::filesystem::path public_path(const std::filesystem::path& path) {
    return path.string() + ".pub";
}

Status create_pair(const std::filesystem::path& path, std::string_view secret_text,
                   std::string_view public_text) {
    if (auto ok = create(path, secret_text, kSecretMode); !ok) return ok;
    auto ok = create(public_path(path), public_text, kPublicMode);
    if (!ok) ::unlink(path.c_str());
    return ok;
}

enum class Secrecy : std::uint8_t { secret, open };

Result<std::string> read_key_file(const std::filesystem::path& path, Secrecy secrecy) {
    auto file = open_to_read(path);
    if (!file) return tl::unexpected(file.error());
    struct stat status {};
    if (::fstat(file->get(), &status) != 0) return system_fault("fstat", path);
    if (secrecy == Secrecy::secret && (status.st_mode & 077U) != 0)
        return fail(Errc::refused,
                    path.string() + ": a secret key that group or others can reach; chmod 600 it");
    return read_whole(file->get(), kMaxKeyFile, path);
}

/// The words behind `kind` on each line that is not empty or a comment.
Result<std::vector<std::vector<std::string>>> key_lines(const std::filesystem::path& path,
                                                        Secrecy secrecy, std::string_view kind,
                                                        std::size_t words) {
    auto text = read_key_file(path, secrecy);
    if (!text) return tl::unexpected(text.error());
    std::vector<std::vector<std::string>> keys;
    for (auto& line : word_lines(*text)) {
        if (line.words.front() != kind || line.words.size() != words + 1)
            return fail(Errc::bad_input, path.string() + ": line " + std::to_string(line.number) +
                                             ": expected " + std::string(kind) + " and " +
                                             std::to_string(words) + " word(s)");
        line.words.erase(line.words.begin());
        keys.push_back(std::move(line.words));
    }
    sodium_memzero(text->data(), text->size());
    if (keys.empty())
        return fail(Errc::bad_input, path.string() + ": no " + std::string(kind) + " in it");
    return keys;
}

Result<std::vector<std::string>> one_key(const std::filesystem::path& path, Secrecy secrecy,
                                         std::string_view kind, std::size_t words) {
    auto keys = key_lines(path, secrecy, kind, words);
    if (!keys) return tl::unexpected(keys.error());
    if (keys->size() != 1) return fail(Errc::bad_input, path.string() + ": more than one key");
    return std::move(keys->front());
}

} // namespace

Status save(const CurveKeys& keys, const std::filesystem::path& path) {
    return create_pair(path,
                       "sweepgate-curve-secret " + keys.public_key + " " + keys.secret_key + "\n",
                       "sweepgate-curve-public " + keys.public_key + "\n");
}

Status save(const SigningKey& key, const std::filesystem::path& path) {
    return create_pair(path, "sweepgate-signing-secret " + hex(key.bytes()) + "\n",
                       "sweepgate-signing-public " + hex(key.verify_key().bytes) + "\n");
}

Result<CurveKeys> load_curve_keys(const std::filesystem::path& path) {
    auto words = one_key(path, Secrecy::secret, "sweepgate-curve-secret", 2);
    if (!words) return tl::unexpected(words.error());
    if (!is_curve_key((*words)[0]) || !is_curve_key((*words)[1]))
        return fail(Errc::bad_input, path.string() + ": not two Z85 keys of 40 characters");
    return CurveKeys{(*words)[0], (*words)[1]};
}

Result<std::string> load_curve_public_key(const std::filesystem::path& path) {
    auto words = one_key(path, Secrecy::open, "sweepgate-curve-public", 1);
    if (!words) return tl::unexpected(words.error());
    if (!is_curve_key(words->front()))
        return fail(Errc::bad_input, path.string() + ": not a Z85 key of 40 characters");
    return std::move(words->front());
}

Result<CurveClient> load_curve_client(const std::filesystem::path& own,
                                      const std::filesystem::path& server) {
    auto keys = load_curve_keys(own);
    if (!keys) return tl::unexpected(keys.error());
    auto server_key = load_curve_public_key(server);
    if (!server_key) return tl::unexpected(server_key.error());
    return CurveClient{std::move(*keys), std::move(*server_key)};
}

Result<SigningKey> load_signing_key(const std::filesystem::path& path) {
    auto words = one_key(path, Secrecy::secret, "sweepgate-signing-secret", 1);
    if (!words) return tl::unexpected(words.error());
    std::array<std::uint8_t, SigningKey::kBytes> bytes{};
    if (!from_hex(words->front(), bytes))
        return fail(Errc::bad_input, path.string() + ": not 128 hex digits");
    auto key = SigningKey::from_bytes(bytes);
    sodium_memzero(bytes.data(), bytes.size());
    if (!key) return within(path.string(), key.error());
    return key;
}

Result<std::vector<VerifyKey>> load_verify_keys(const std::filesystem::path& path) {
    auto lines = key_lines(path, Secrecy::open, "sweepgate-signing-public", 1);
    if (!lines) return tl::unexpected(lines.error());
    std::vector<VerifyKey> keys(lines->size());
    for (std::size_t i = 0; i < keys.size(); ++i)
        if (!from_hex((*lines)[i].front(), keys[i].bytes))
            return fail(Errc::bad_input,
                        path.string() + ": key " + std::to_string(i + 1) + " is not 64 hex digits");
    return keys;
}

} // namespace sweepgate::wire
