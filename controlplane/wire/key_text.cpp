// SPDX-License-Identifier: Apache-2.0
#include "controlplane/wire/key_text.hpp"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>

#include "controlplane/wire/descriptor.hpp"
#include "controlplane/wire/text.hpp"

namespace sweepgate::wire {

namespace {

constexpr std::size_t kMaxKeyFile = 64 * 1024;
constexpr mode_t kSecretMode = 0600;
constexpr mode_t kPublicMode = 0644;

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

Result<std::string> read_key_file(const std::filesystem::path& path, Secrecy secrecy) {
    auto file = open_to_read(path);
    if (!file) return tl::unexpected(file.error());
    struct stat status {};
    if (::fstat(file->get(), &status) != 0) return system_fault("fstat", path);
    if (secrecy == Secrecy::secret && (status.st_mode & 077U) != 0)
        return fail(Errc::refused,
                    path.string() + ": a secret key that group or others can reach; chmod 600 it");
    if (secrecy == Secrecy::secret)
        if (auto ok = check_guarded(path); !ok) return tl::unexpected(ok.error());
    return read_whole(file->get(), kMaxKeyFile, path);
}

/// `what` is "" or "its folder ".
Status check_one(const std::filesystem::path& path, const std::string& what) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return system_fault("stat", path);
    const auto refuse = [&](const std::string& why) {
        return fail(Errc::refused, what + path.string() + why);
    };
    if (status.st_uid != 0 && status.st_uid != ::geteuid())
        return refuse(": belongs to uid " + std::to_string(status.st_uid) +
                      ", who can change it; chown it to uid " + std::to_string(::geteuid()));
    const bool sticky = S_ISDIR(status.st_mode) && (status.st_mode & S_ISVTX) != 0; // as /tmp
    if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0 && !sticky)
        return refuse(": group or others can write to it; chmod go-w it");
    return {};
}

} // namespace

Status check_guarded(const std::filesystem::path& path) {
    if (auto ok = check_one(path, ""); !ok) return ok;
    const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
    return check_one(folder, path.string() + ": its folder ");
}

Status create_pair(const std::filesystem::path& path, std::string_view secret_text,
                   std::string_view public_text) {
    if (auto ok = create(path, secret_text, kSecretMode); !ok) return ok;
    auto ok = create(public_path(path), public_text, kPublicMode);
    if (!ok) ::unlink(path.c_str());
    return ok;
}

Result<std::vector<std::vector<std::string>>> key_lines(const std::filesystem::path& path,
                                                        Secrecy secrecy, std::string_view kind,
                                                        std::size_t words) {
    auto text = read_key_file(path, secrecy);
    if (!text) return tl::unexpected(text.error());
    std::vector<std::vector<std::string>> keys;
    for (auto& line : word_lines(*text)) {
        if (line.words.front() != kind || line.words.size() != words + 1)
            return fail(Errc::bad_input, path.string() + ":" + std::to_string(line.number) + ":" +
                                             std::to_string(line.columns.front()) + ": expected " +
                                             std::string(kind) + " and " + std::to_string(words) +
                                             " word(s)");
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

} // namespace sweepgate::wire
