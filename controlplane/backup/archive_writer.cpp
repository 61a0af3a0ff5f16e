// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include <archive.h>
#include <archive_entry.h>
#include <sodium.h>

#include "controlplane/backup/archive.hpp"
#include "controlplane/wire/descriptor.hpp"

namespace sweepgate::backup {

namespace {

struct ArchiveFreer {
    void operator()(archive* raw) const noexcept { archive_write_free(raw); }
};
struct EntryFreer {
    void operator()(archive_entry* raw) const noexcept { archive_entry_free(raw); }
};

} // namespace

struct ArchiveWriter::State {
    EnvelopeWriter& into;
    Status written;
    std::unique_ptr<archive, ArchiveFreer> tar; // freed first: that still writes

    explicit State(EnvelopeWriter& envelope) : into(envelope), tar(archive_write_new()) {}

    static la_ssize_t write(archive* tar, void* self, const void* bytes, std::size_t length) {
        auto& state = *static_cast<State*>(self);
        if (state.written)
            state.written = state.into.write({static_cast<const std::uint8_t*>(bytes), length});
        if (state.written) return static_cast<la_ssize_t>(length);
        archive_set_error(tar, EIO, "envelope");
        return -1;
    }
    /// Of the envelope where that is why.
    [[nodiscard]] tl::unexpected<Error> fault(const std::string& name) const {
        if (!written) return tl::unexpected(written.error());
        const auto* words = archive_error_string(tar.get());
        return fail(Errc::io, name + ": " + (words != nullptr ? words : "cannot be archived"));
    }
    Status begin(const std::string& name, std::uint64_t size) const {
        const std::unique_ptr<archive_entry, EntryFreer> entry(archive_entry_new());
        archive_entry_set_pathname(entry.get(), name.c_str());
        archive_entry_set_size(entry.get(), static_cast<la_int64_t>(size));
        archive_entry_set_filetype(entry.get(), AE_IFREG);
        archive_entry_set_perm(entry.get(), 0600); // who may read it is decided where it goes
        if (archive_write_header(tar.get(), entry.get()) != ARCHIVE_OK) return fault(name);
        return {};
    }
    Status data(const std::string& name, std::span<const std::uint8_t> bytes) const {
        while (!bytes.empty()) {
            const auto taken = archive_write_data(tar.get(), bytes.data(), bytes.size());
            if (taken <= 0) return fault(name);
            bytes = bytes.subspan(static_cast<std::size_t>(taken));
        }
        return {};
    }
};

ArchiveWriter::ArchiveWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
ArchiveWriter::ArchiveWriter(ArchiveWriter&&) noexcept = default;
ArchiveWriter& ArchiveWriter::operator=(ArchiveWriter&&) noexcept = default;
ArchiveWriter::~ArchiveWriter() = default;

Result<ArchiveWriter> ArchiveWriter::open(EnvelopeWriter& into) {
    auto state = std::make_unique<State>(into);
    auto* tar = state->tar.get();
    if (tar == nullptr || archive_write_set_format_pax_restricted(tar) != ARCHIVE_OK ||
        archive_write_set_options(tar, "hdrcharset=BINARY") != ARCHIVE_OK ||
        archive_write_set_bytes_in_last_block(tar, 1) != ARCHIVE_OK ||
        archive_write_open(tar, state.get(), nullptr, &State::write, nullptr) != ARCHIVE_OK)
        return state->fault("archive");
    return ArchiveWriter(std::move(state));
}

Result<Member> ArchiveWriter::add(const std::string& name, int file) {
    struct stat status {};
    if (::fstat(file, &status) != 0) return wire::system_fault("fstat", name);
    Member member{name, static_cast<std::uint64_t>(status.st_size), {}};
    if (auto ok = state_->begin(name, member.size); !ok) return tl::unexpected(ok.error());
    crypto_generichash_state sum{};
    crypto_generichash_init(&sum, nullptr, 0, member.sum.size());
    std::array<std::uint8_t, std::size_t{64} << 10U> buffer; // filled before it is read
    for (std::uint64_t at = 0; at < member.size;) {
        const auto wanted = std::min<std::uint64_t>(buffer.size(), member.size - at);
        const auto got = ::pread(file, buffer.data(), wanted, static_cast<off_t>(at));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return wire::system_fault("read", name);
        if (got == 0) return fail(Errc::io, name + ": was changed while it was read; try again");
        const std::span bytes(buffer.data(), static_cast<std::size_t>(got));
        crypto_generichash_update(&sum, bytes.data(), bytes.size());
        if (auto ok = state_->data(name, bytes); !ok) return tl::unexpected(ok.error());
        at += bytes.size();
    }
    crypto_generichash_final(&sum, member.sum.data(), member.sum.size());
    sodium_memzero(buffer.data(), buffer.size()); // it may have been a key
    return member;
}

Result<Member> ArchiveWriter::add(const std::string& name, std::string_view text) {
    Member member{name, text.size(), {}};
    const std::span bytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
    if (auto ok = state_->begin(name, member.size); !ok) return tl::unexpected(ok.error());
    if (auto ok = state_->data(name, bytes); !ok) return tl::unexpected(ok.error());
    crypto_generichash(member.sum.data(), member.sum.size(), bytes.data(), bytes.size(), nullptr,
                       0);
    return member;
}

Status ArchiveWriter::finish() {
    if (archive_write_close(state_->tar.get()) != ARCHIVE_OK) return state_->fault("archive");
    return state_->written;
}

} // namespace sweepgate::backup
