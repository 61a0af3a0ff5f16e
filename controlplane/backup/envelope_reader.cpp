// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "controlplane/backup/envelope.hpp"
#include "controlplane/backup/envelope_format.hpp"
#include "controlplane/wire/descriptor.hpp"

namespace sweepgate::backup {

struct EnvelopeReader::State {
    std::filesystem::path path;
    wire::Descriptor file;
    std::uint64_t bytes = 0; // of the file
    std::uint64_t begin = 0; // of what is enveloped
    std::uint64_t end = 0;
    std::uint64_t at = 0;
    StreamKey key;
    StreamHeader header{};
    bool is_sealed = false;
    crypto_secretstream_xchacha20poly1305_state stream{};
    bool had_last = false;
    std::vector<std::uint8_t> raw;
    std::vector<std::uint8_t> opened;

    State() = default;
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() {
        sodium_memzero(&stream, sizeof stream);
        if (!opened.empty()) sodium_memzero(opened.data(), opened.size());
    }

    [[nodiscard]] tl::unexpected<Error> fault(std::string_view what) const {
        return fail(Errc::bad_input, path.string() + ": " + std::string(what));
    }
    /// Exactly as many as `into` has.
    Status get(std::span<std::uint8_t> into, std::uint64_t from) const {
        while (!into.empty()) {
            const auto got =
                ::pread(file.get(), into.data(), into.size(), static_cast<off_t>(from));
            if (got < 0 && errno == EINTR) continue;
            if (got < 0) return wire::system_fault("read", path);
            if (got == 0) return fault("is cut short");
            into = into.subspan(static_cast<std::size_t>(got));
            from += static_cast<std::uint64_t>(got);
        }
        return {};
    }
    /// The next piece as it lies in the file.
    Status get_piece(std::size_t most) {
        raw.resize(static_cast<std::size_t>(std::min<std::uint64_t>(most, end - at)));
        if (auto ok = get(raw, at); !ok) return ok;
        at += raw.size();
        return {};
    }
    Status restart() {
        at = begin;
        had_last = false;
        if (is_sealed && crypto_secretstream_xchacha20poly1305_init_pull(&stream, header.data(),
                                                                         key.bytes.data()) != 0)
            return fault("is damaged");
        return {};
    }
    Status check_sum() {
        crypto_generichash_state sum{};
        crypto_generichash_init(&sum, nullptr, 0, kSum);
        at = 0;
        while (at < end) {
            if (auto ok = get_piece(kPiece); !ok) return ok;
            crypto_generichash_update(&sum, raw.data(), raw.size());
        }
        std::array<std::uint8_t, kSum> found{};
        std::array<std::uint8_t, kSum> told{};
        crypto_generichash_final(&sum, found.data(), found.size());
        if (auto ok = get(told, end); !ok) return ok;
        if (found != told) return fault("is cut short or was changed: its sum is another");
        return {};
    }
    Status begin_plain() {
        begin = kPlain.size();
        if (bytes < begin + kSum) return fault("is cut short");
        end = bytes - kSum;
        if (auto ok = check_sum(); !ok) return ok;
        return restart();
    }
    Status begin_sealed(const std::function<Result<std::string>()>& passphrase) {
        is_sealed = true;
        Salt salt{};
        end = bytes;
        begin = kSealed.size() + salt.size() + header.size();
        if (bytes < begin) return fault("is cut short");
        if (auto ok = get(salt, kSealed.size()); !ok) return ok;
        if (auto ok = get(header, kSealed.size() + salt.size()); !ok) return ok;
        auto words = passphrase();
        if (!words) return tl::unexpected(words.error());
        const auto derived = stream_key(*words, salt);
        sodium_memzero(words->data(), words->size());
        if (!derived) return tl::unexpected(derived.error());
        key = *derived;
        return restart();
    }
    Status open_piece() {
        const bool first = at == begin;
        if (at == end) return fault("is cut short");
        if (auto ok = get_piece(kSealedPiece); !ok) return ok;
        opened.resize(kPiece);
        unsigned long long length = 0;
        std::uint8_t tag = 0;
        if (raw.size() < crypto_secretstream_xchacha20poly1305_ABYTES ||
            crypto_secretstream_xchacha20poly1305_pull(&stream, opened.data(), &length, &tag,
                                                       raw.data(), raw.size(), nullptr, 0) != 0)
            return fault(first ? "the passphrase is another, or the file was changed"
                               : "is cut short or was changed");
        opened.resize(static_cast<std::size_t>(length));
        had_last = tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
        if (had_last && at != end) return fault("something stands behind its end");
        return {};
    }
};

EnvelopeReader::EnvelopeReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
EnvelopeReader::EnvelopeReader(EnvelopeReader&&) noexcept = default;
EnvelopeReader& EnvelopeReader::operator=(EnvelopeReader&&) noexcept = default;
EnvelopeReader::~EnvelopeReader() = default;

bool EnvelopeReader::sealed() const { return state_->is_sealed; }
std::uint64_t EnvelopeReader::file_bytes() const { return state_->bytes; }
Status EnvelopeReader::rewind() { return state_->restart(); }

Result<EnvelopeReader>
EnvelopeReader::open(const std::filesystem::path& path,
                     const std::function<Result<std::string>()>& passphrase) {
    if (sodium_init() < 0) return fail(Errc::unavailable, "libsodium does not start");
    auto file = wire::open_to_read(path);
    if (!file) return tl::unexpected(file.error());
    auto state = std::make_unique<State>();
    state->path = path;
    state->file = std::move(*file);
    struct stat status {};
    if (::fstat(state->file.get(), &status) != 0) return wire::system_fault("fstat", path);
    if (!S_ISREG(status.st_mode)) return state->fault("is not a regular file");
    state->bytes = static_cast<std::uint64_t>(status.st_size);
    std::string first(std::min<std::size_t>(state->bytes, kSealed.size()), '\0');
    if (auto ok = state->get({reinterpret_cast<std::uint8_t*>(first.data()), first.size()}, 0); !ok)
        return tl::unexpected(ok.error());
    auto begun = first.starts_with(kPlain) ? state->begin_plain()
                 : first.starts_with(kSealed)
                     ? state->begin_sealed(passphrase)
                     : Status(state->fault("is no backup of a controller"));
    if (!begun) return tl::unexpected(begun.error());
    return EnvelopeReader(std::move(state));
}

Result<std::span<const std::uint8_t>> EnvelopeReader::read() {
    auto& state = *state_;
    if (!state.is_sealed) {
        if (auto ok = state.get_piece(kPiece); !ok) return tl::unexpected(ok.error());
        return std::span<const std::uint8_t>(state.raw);
    }
    if (state.had_last) return std::span<const std::uint8_t>();
    if (auto ok = state.open_piece(); !ok) return tl::unexpected(ok.error());
    // A piece may be empty, which means the end to whoever reads; only the last one is.
    if (state.opened.empty() && !state.had_last) return state.fault("is damaged");
    return std::span<const std::uint8_t>(state.opened);
}

} // namespace sweepgate::backup
