// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cerrno>
#include <set>

#include <archive.h>
#include <archive_entry.h>
#include <sodium.h>

#include "controlplane/backup/archive.hpp"
#include "controlplane/model/text.hpp"

namespace sweepgate::backup {

namespace {

struct ArchiveFreer {
    void operator()(archive* raw) const noexcept { archive_read_free(raw); }
};

struct Source {
    EnvelopeReader& from;
    Status state;

    static la_ssize_t read(archive* tar, void* self, const void** bytes) {
        auto& source = *static_cast<Source*>(self);
        const auto got = source.from.read();
        if (!got) {
            source.state = tl::unexpected(got.error());
            archive_set_error(tar, EIO, "envelope");
            return -1;
        }
        *bytes = got->data();
        return static_cast<la_ssize_t>(got->size());
    }
};

class Reading {
public:
    Reading(EnvelopeReader& from, const Visitor& visitor)
        : source_{from, {}}, visitor_(visitor), left_(from.file_bytes()), tar_(archive_read_new()) {
    }

    Status run() {
        if (auto ok = source_.from.rewind(); !ok) return ok;
        auto* tar = tar_.get();
        if (tar == nullptr || archive_read_support_format_tar(tar) != ARCHIVE_OK ||
            archive_read_open(tar, &source_, nullptr, &Source::read, nullptr) != ARCHIVE_OK)
            return fault("archive");
        for (;;) {
            archive_entry* entry = nullptr;
            const int code = archive_read_next_header(tar, &entry);
            if (code == ARCHIVE_EOF) return drain();
            if (code != ARCHIVE_OK) return fault("archive");
            if (auto ok = one(entry); !ok) return ok;
        }
    }

private:
    [[nodiscard]] tl::unexpected<Error> fault(const std::string& name) const {
        if (!source_.state) return tl::unexpected(source_.state.error());
        const auto* words = archive_error_string(tar_.get());
        return fail(Errc::bad_input,
                    name + ": " + (words != nullptr ? printable(words) : "is damaged"));
    }
    Status check(const std::string& name, archive_entry* entry) {
        const auto refuse = [&](const char* why) {
            return fail(Errc::bad_input, "'" + printable(name.substr(0, kMostName)) + "' " + why);
        };
        if (!is_member_name(name)) return refuse("is a name that no backup has");
        if (archive_entry_filetype(entry) != AE_IFREG || archive_entry_hardlink(entry) != nullptr ||
            archive_entry_symlink(entry) != nullptr)
            return refuse("is a link, a folder or a device; a backup has none");
        // Holes count: without them a few bytes could become a terabyte.
        if (archive_entry_size_is_set(entry) == 0 || archive_entry_size(entry) < 0 ||
            static_cast<std::uint64_t>(archive_entry_size(entry)) > left_)
            return refuse("says that it is larger than the whole backup");
        if (!names_.insert(name).second) return refuse("is in it twice");
        if (names_.size() > kMostMembers) return refuse("is one file more than a backup has");
        return {};
    }
    Status one(archive_entry* entry) {
        const auto* raw = archive_entry_pathname(entry);
        const std::string name = raw != nullptr ? raw : "";
        if (auto ok = check(name, entry); !ok) return ok;
        Member member{name, static_cast<std::uint64_t>(archive_entry_size(entry)), {}};
        left_ -= member.size;
        if (auto ok = visitor_.begin(name, member.size); !ok) return ok;
        crypto_generichash_state sum{};
        crypto_generichash_init(&sum, nullptr, 0, member.sum.size());
        for (std::uint64_t done = 0;;) {
            const auto got = archive_read_data(tar_.get(), buffer_.data(), buffer_.size());
            if (got < 0) return fault(name);
            if (got == 0 && done != member.size)
                return fail(Errc::bad_input, name + ": is cut short");
            if (got == 0) break;
            const std::span bytes(buffer_.data(), static_cast<std::size_t>(got));
            done += bytes.size();
            crypto_generichash_update(&sum, bytes.data(), bytes.size());
            if (auto ok = visitor_.bytes(bytes); !ok) return ok;
        }
        crypto_generichash_final(&sum, member.sum.data(), member.sum.size());
        return visitor_.end(member);
    }
    /// libarchive stops at tar's end; the envelope's own end tells whether all of it came.
    Status drain() {
        for (;;) {
            const auto got = source_.from.read();
            if (!got) return tl::unexpected(got.error());
            if (got->empty()) return {};
            if (std::ranges::any_of(*got, [](auto byte) { return byte != 0; }))
                return fail(Errc::bad_input, "archive: something stands behind its end");
        }
    }

    Source source_;
    const Visitor& visitor_;
    std::uint64_t left_; // bytes that files may have
    std::set<std::string> names_;
    std::array<std::uint8_t, std::size_t{64} << 10U> buffer_{};
    std::unique_ptr<archive, ArchiveFreer> tar_; // freed first
};

} // namespace

Status read_archive(EnvelopeReader& from, const Visitor& visitor) {
    return std::make_unique<Reading>(from, visitor)->run();
}

} // namespace sweepgate::backup
