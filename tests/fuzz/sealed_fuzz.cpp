// SPDX-License-Identifier: Apache-2.0
// What a holder of the signing key can send: any payload behind a good signature, a chain of two
// contents, and both damaged on the way. The key is the test's own and always the same.
//
// Input: one byte that chooses, two bytes for the length of the first part, the parts.
#include <sodium.h>

#include <cstdlib>
#include <cstring>

#include "controlplane/wire/big_endian.hpp"
#include "controlplane/wire/fetcher.hpp"
#include "controlplane/wire/holding.hpp"
#include "controlplane/wire/payload.hpp"

using namespace sweepgate;
using namespace sweepgate::wire;

namespace {

std::span<const std::uint8_t> as_bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

const SigningKey& key() {
    static const SigningKey fixed = [] {
        std::array<std::uint8_t, SigningKey::kBytes> secret{};
        const std::array<std::uint8_t, 32> seed{1, 2, 3};
        std::array<std::uint8_t, 32> unused{};
        if (sodium_init() < 0) std::abort();
        crypto_sign_seed_keypair(unused.data(), secret.data(), seed.data());
        return SigningKey::from_bytes(secret).value();
    }();
    return fixed;
}

const std::vector<VerifyKey>& keys() {
    static const std::vector<VerifyKey> trusted{key().verify_key()};
    return trusted;
}

/// An envelope (PROTOCOL.md) around any bytes, with the digest that they have if they are good.
std::string sealed(SealedKind kind, std::string_view payload, Generation generation,
                   Generation base, const Digest& content) {
    Digest hash{};
    crypto_generichash(hash.data(), hash.size(), as_bytes(payload).data(), payload.size(), nullptr,
                       0);
    auto bytes = FixedWriter()
                     .text(std::string_view("SWEEPGT\x01", 8))
                     .number(kSchema, 2)
                     .number(kOldestSchema, 2)
                     .number(static_cast<std::uint8_t>(kind), 1)
                     .number(0, 3)
                     .bytes(key().verify_key().id())
                     .number(generation, 8)
                     .number(base, 8)
                     .number(1'790'000'000, 8)
                     .number(1'790'600'000, 8)
                     .bytes(content)
                     .bytes(hash)
                     .number(payload.size(), 4)
                     .number(0, 4)
                     .take();
    const auto signature = key().sign(as_bytes(bytes));
    bytes.append(signature.begin(), signature.end());
    return bytes.append(payload);
}

std::string sealed_snapshot(std::string_view payload, Generation generation) {
    const auto snapshot = decode_snapshot(payload);
    return sealed(SealedKind::snapshot, payload, generation, 0,
                  snapshot ? digest_of(*snapshot) : Digest{});
}

/// Whatever opens is valid, and follows what is held.
void open_and_hold(Holding& holding, const std::string& chain) {
    auto candidate = holding.open(chain);
    if (!candidate) return;
    if (!validate(candidate->snapshot)) std::abort();
    if (digest_of(candidate->snapshot) != candidate->digest) std::abort();
    holding.accept(std::move(*candidate));
}

void extend_with(Holding& holding, std::string_view payload) {
    auto next = holding.extend(sealed(SealedKind::delta, payload, 2, 1, Digest{}));
    if (next) std::abort(); // no content has the digest 0
}

/// The way from one content to another, as a controller makes it.
void walk(Holding& holding, std::string_view from, std::string_view to, std::uint8_t where) {
    auto first = decode_snapshot(from);
    auto second = decode_snapshot(to);
    if (!first || !second || !validate(*first) || !validate(*second)) return;
    first->generation = 1;
    second->generation = 2;
    const auto whole = seal_snapshot(*first, key());
    const auto delta = seal_delta(diff(*first, *second), key());
    if (!whole || !delta) return;
    const auto chain = *whole + *delta;
    const auto opened = open_chain(chain, keys());
    if (!opened || digest_of(*opened) != digest_of(*second)) std::abort();
    open_and_hold(holding, *whole);
    if (!holding.extend(*delta)) std::abort();
    // Damaged anywhere, its front is what came before.
    auto torn = chain;
    const auto at = torn.size() * where / 256;
    torn[at] = static_cast<char>(torn[at] ^ 0x10);
    const auto front = intact_front(torn, keys());
    if (!front.empty() && !open_chain(front, keys())) std::abort();
}

/// The bytes of a chunk's message.
void fetch(std::string_view input) {
    Fetcher fetcher;
    (void)fetcher.start(0, {});
    while (!input.empty()) {
        const auto size =
            std::min<std::size_t>(static_cast<std::uint8_t>(input.front()) + 1U, input.size());
        proto::Reply reply;
        if (parse_message(input.substr(1, size - 1), reply) &&
            reply.what_case() == proto::Reply::kChunk)
            (void)fetcher.take(reply.chunk());
        (void)fetcher.wanted();
        (void)fetcher.finished();
        input.remove_prefix(size);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    if (size < 3) return 0;
    const std::string_view input(reinterpret_cast<const char*>(bytes) + 3, size - 3);
    const auto cut = std::min<std::size_t>(bytes[1] << 8U | bytes[2], input.size());
    const auto first = input.substr(0, cut);
    const auto second = input.substr(cut);
    Holding holding(keys());
    switch (bytes[0] % 4) {
    case 0: fetch(input); break;
    case 1:
        open_and_hold(holding, sealed_snapshot(first, 1));
        extend_with(holding, second);
        break;
    case 2: walk(holding, first, second, bytes[0]); break;
    default:
        open_and_hold(holding, sealed_snapshot(first, 1));
        open_and_hold(holding, sealed_snapshot(second, 2) + std::string(first));
    }
    return 0;
}
