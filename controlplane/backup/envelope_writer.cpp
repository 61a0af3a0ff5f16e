// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "controlplane/backup/envelope.hpp"
#include "controlplane/backup/envelope_format.hpp"
#include "controlplane/wire/descriptor.hpp"

namespace sweepgate::backup {

using wire::system_fault;

struct EnvelopeWriter::State {
    std::filesystem::path path;
    std::string temporary;
    bool replace = false;
    wire::Descriptor file;
    bool is_sealed = false;
    crypto_generichash_state sum{};
    crypto_secretstream_xchacha20poly1305_state stream{};
    std::vector<std::uint8_t> piece; // of a sealed one, that is not full yet

    State() = default;
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() {
        if (!temporary.empty()) ::unlink(temporary.c_str());
        sodium_memzero(&stream, sizeof stream);
        if (!piece.empty()) sodium_memzero(piece.data(), piece.size());
    }

    Status put(std::span<const std::uint8_t> bytes) {
        crypto_generichash_update(&sum, bytes.data(), bytes.size());
        while (!bytes.empty()) {
            const auto written = ::write(file.get(), bytes.data(), bytes.size());
            if (written < 0 && errno == EINTR) continue;
            if (written < 0) return system_fault("write", path);
            bytes = bytes.subspan(static_cast<std::size_t>(written));
        }
        return {};
    }
    Status put(std::string_view text) {
        return put({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
    }
    Status seal_piece(std::uint8_t tag) {
        std::vector<std::uint8_t> sealed(piece.size() +
                                         crypto_secretstream_xchacha20poly1305_ABYTES);
        crypto_secretstream_xchacha20poly1305_push(&stream, sealed.data(), nullptr, piece.data(),
                                                   piece.size(), nullptr, 0, tag);
        sodium_memzero(piece.data(), piece.size());
        piece.clear();
        return put(sealed);
    }
    Status begin(const std::optional<std::string>& passphrase) {
        crypto_generichash_init(&sum, nullptr, 0, kSum);
        if (!passphrase) return put(kPlain);
        is_sealed = true;
        piece.reserve(kPiece);
        Salt salt;
        randombytes_buf(salt.data(), salt.size());
        const auto key = stream_key(*passphrase, salt);
        if (!key) return tl::unexpected(key.error());
        StreamHeader header;
        crypto_secretstream_xchacha20poly1305_init_push(&stream, header.data(), key->bytes.data());
        if (auto ok = put(kSealed); !ok) return ok;
        if (auto ok = put(salt); !ok) return ok;
        return put(header);
    }
};

EnvelopeWriter::EnvelopeWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
EnvelopeWriter::EnvelopeWriter(EnvelopeWriter&&) noexcept = default;
EnvelopeWriter& EnvelopeWriter::operator=(EnvelopeWriter&&) noexcept = default;
EnvelopeWriter::~EnvelopeWriter() = default;

Result<EnvelopeWriter> EnvelopeWriter::create(const std::filesystem::path& path,
                                              const std::optional<std::string>& passphrase,
                                              bool replace) {
    if (sodium_init() < 0) return fail(Errc::unavailable, "libsodium does not start");
    struct stat there {};
    const bool exists = ::lstat(path.c_str(), &there) == 0;
    if (exists && !replace)
        return fail(Errc::conflict, path.string() + " exists; --force replaces it");
    if (exists && !S_ISREG(there.st_mode))
        return fail(Errc::conflict, path.string() + " is not a regular file");
    auto state = std::make_unique<State>();
    state->path = path;
    state->replace = replace;
    // A name that nobody can have guessed: the folder may be one that everybody writes to.
    auto pattern = path.string() + ".XXXXXX";
    state->file = wire::Descriptor(::mkostemp(pattern.data(), O_CLOEXEC));
    if (!state->file) return system_fault("create", path);
    state->temporary = std::move(pattern);
    if (auto ok = state->begin(passphrase); !ok) return tl::unexpected(ok.error());
    return EnvelopeWriter(std::move(state));
}

Status EnvelopeWriter::write(std::span<const std::uint8_t> bytes) {
    if (!state_->is_sealed) return state_->put(bytes);
    auto& piece = state_->piece;
    while (!bytes.empty()) {
        // A full one waits for more, because the last one has a mark of its own.
        if (piece.size() == kPiece)
            if (auto ok = state_->seal_piece(0); !ok) return ok;
        const auto taken = bytes.first(std::min(bytes.size(), kPiece - piece.size()));
        piece.insert(piece.end(), taken.begin(), taken.end());
        bytes = bytes.subspan(taken.size());
    }
    return {};
}

Status EnvelopeWriter::finish() {
    auto& state = *state_;
    if (state.is_sealed) {
        if (auto ok = state.seal_piece(crypto_secretstream_xchacha20poly1305_TAG_FINAL); !ok)
            return ok;
    } else {
        std::array<std::uint8_t, kSum> sum{};
        crypto_generichash_final(&state.sum, sum.data(), sum.size());
        // put() goes on counting, which nobody asks for any more.
        crypto_generichash_init(&state.sum, nullptr, 0, kSum);
        if (auto ok = state.put(sum); !ok) return ok;
    }
    if (::fsync(state.file.get()) != 0) return system_fault("fsync", state.path);
    const unsigned keep = state.replace ? 0U : RENAME_NOREPLACE;
    if (::renameat2(AT_FDCWD, state.temporary.c_str(), AT_FDCWD, state.path.c_str(), keep) != 0) {
        if (errno == EEXIST)
            return fail(Errc::conflict, state.path.string() + " exists; --force replaces it");
        return system_fault("rename to", state.path);
    }
    state.temporary.clear();
    return wire::sync_folder(wire::folder_of(state.path));
}

} // namespace sweepgate::backup
