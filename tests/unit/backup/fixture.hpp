// SPDX-License-Identifier: Apache-2.0
// A folder that goes with its test, and a controller's files in it.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "controlplane/backup/archive.hpp"
#include "controlplane/backup/backup.hpp"
#include "controlplane/backup/restore.hpp"
#include "controlplane/book/book.hpp"

namespace sweepgate::test {

struct Folder {
    std::filesystem::path path;

    Folder() {
        auto pattern = (std::filesystem::temp_directory_path() / "sg-backupXXXXXX").string();
        path = ::mkdtemp(pattern.data());
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() { std::filesystem::remove_all(path); }

    [[nodiscard]] std::filesystem::path operator/(const std::string& name) const {
        return path / name;
    }
    [[nodiscard]] std::string read(const std::string& name) const {
        std::ostringstream text;
        text << std::ifstream(path / name, std::ios::binary).rdbuf();
        return text.str();
    }
    void write(const std::string& name, const std::string& text) const {
        std::filesystem::create_directories((path / name).parent_path());
        std::ofstream(path / name, std::ios::binary) << text;
    }
    [[nodiscard]] bool has(const std::string& name) const {
        return std::filesystem::exists(path / name);
    }
    /// Every file by its path, with what it holds.
    [[nodiscard]] std::map<std::string, std::string> all() const {
        std::map<std::string, std::string> files;
        for (const auto& item : std::filesystem::recursive_directory_iterator(path))
            if (item.is_regular_file()) {
                const auto name = item.path().lexically_relative(path).string();
                files[name] = read(name);
            }
        return files;
    }
};

inline Result<std::string> nobody_asks() { return fail(Errc::refused, "nobody should ask"); }

/// Reads all of it. "" or why it cannot be read.
inline std::string fault_of(const std::filesystem::path& file,
                            const std::function<Result<std::string>()>& passphrase = nobody_asks) {
    auto reader = backup::EnvelopeReader::open(file, passphrase);
    if (!reader) return reader.error().what;
    for (;;) {
        const auto got = reader->read();
        if (!got) return got.error().what;
        if (got->empty()) return "";
    }
}

/// The same, its files too.
inline std::string archive_fault_of(const std::filesystem::path& file) {
    auto reader = backup::EnvelopeReader::open(file, nobody_asks);
    if (!reader) return reader.error().what;
    const backup::Visitor visitor{[](const auto&, auto) { return Status{}; },
                                  [](auto) { return Status{}; },
                                  [](const auto&) { return Status{}; }};
    const auto read = backup::read_archive(*reader, visitor);
    return read ? "" : read.error().what;
}

/// A controller that has published and does not run, below "site/".
struct Site {
    Folder folder;

    Site() {
        const auto site = (folder / "site").string();
        folder.write("site/etc/sweepgated.toml",
                     "state = \"" + site + "/state\"\npolicy = \"" + site +
                         "/etc/policy.toml\"\ncatalog = [\"/usr/share/sweepgate/catalog\", \"" +
                         site + "/etc/catalog.d\"]\nlists = \"" + site +
                         "/etc/lists\"\nsigning_key = \"" + site +
                         "/keys/signing.key\"\n[publish]\ncurve_key = \"" + site +
                         "/keys/controller.curve\"\nauthorized_keys = \"" + site +
                         "/keys/authorized_keys\"\n[resolver]\nservers = [\"127.0.0.1\"]\n");
        folder.write("site/etc/policy.toml", "# mine\n");
        folder.write("site/etc/catalog.d/mine.toml", "# a system\n");
        folder.write("site/etc/lists/l.txt", "192.0.2.1\n");
        for (const auto* key : {"signing.key", "controller.curve"}) {
            folder.write("site/keys/" + std::string(key), "SECRET of " + std::string(key) + "\n");
            folder.write("site/keys/" + std::string(key) + ".pub", "public\n");
        }
        folder.write("site/keys/authorized_keys", "# nobody\n");
        folder.write("site/keys/trust", "a list of signing keys\n");
        folder.write("site/keys/signing.key.next", "SECRET of the next\n");
        folder.write("site/state/policies/000001.toml", "# filed\n");
        folder.write("site/state/book.sqlite.damaged", "old\n");
        auto book = Book::open(folder / "site/state/book.sqlite", {});
        if (book)
            (void)book->publish({7, Digest{1}, Instant(std::chrono::hours(1)), "start", {1, 2, 3}});
    }
    [[nodiscard]] std::filesystem::path config() const {
        return folder / "site/etc/sweepgated.toml";
    }
    [[nodiscard]] Result<backup::BackupOutcome>
    backup(const std::optional<std::string>& passphrase = std::nullopt) const {
        return backup::make_backup({folder / "backup", config(), passphrase, true});
    }
    /// "" or why not.
    [[nodiscard]] std::string
    restore(const std::function<Result<std::string>()>& passphrase = nobody_asks) const {
        auto verified = backup::Verified::open(folder / "backup", config(), passphrase);
        if (!verified) return verified.error().what;
        const auto done = verified->restore();
        return done ? "" : done.error().what;
    }
    void lose() const { std::filesystem::remove_all(folder / "site"); }
};

} // namespace sweepgate::test
