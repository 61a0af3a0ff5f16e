// SPDX-License-Identifier: Apache-2.0
#include "controlplane/wire/beacon_proof.hpp"

#include <sodium.h>

#include <algorithm>

#include "controlplane/wire/big_endian.hpp"

namespace sweepgate::wire {

namespace {

// Unlike an envelope's, so that no signature over one ever stands for the other.
constexpr std::string_view kMagic{"SWEEPGB\x01", 8};
constexpr std::size_t kSignedBytes = kBeaconProofBytes - 64;
constexpr std::size_t kSessionsKept = 64;

std::span<const std::uint8_t> as_bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

} // namespace

std::string seal_proof(const BeaconProof& proof, const SigningKey& key) {
    auto bytes = FixedWriter()
                     .text(kMagic)
                     .bytes(key.verify_key().id())
                     .number(proof.session, 8)
                     .number(proof.count, 8)
                     .number(proof.generation, 8)
                     .bytes(proof.digest)
                     .take();
    const auto signature = key.sign(as_bytes(bytes));
    bytes.append(signature.begin(), signature.end());
    return bytes;
}

Result<BeaconProof> open_proof(std::string_view bytes, std::span<const VerifyKey> keys) {
    if (bytes.size() != kBeaconProofBytes || !bytes.starts_with(kMagic))
        return fail(Errc::bad_input, "not a beacon of the controller");
    FixedReader in(bytes.substr(kMagic.size()));
    KeyId id{};
    BeaconProof proof;
    in.bytes(id);
    proof.session = in.number(8);
    proof.count = in.number(8);
    proof.generation = in.number(8);
    in.bytes(proof.digest);
    std::array<std::uint8_t, 64> signature{};
    in.bytes(signature);
    const auto signed_part = as_bytes(bytes.substr(0, kSignedBytes));
    for (const auto& key : keys)
        if (key.id() == id &&
            crypto_sign_verify_detached(signature.data(), signed_part.data(), signed_part.size(),
                                        key.bytes.data()) == 0)
            return proof;
    return fail(Errc::refused, "a beacon that no key we trust has signed");
}

bool Freshness::take(const BeaconProof& proof, Clock::time_point now) {
    auto known = std::ranges::find(counts_, proof.session, &decltype(counts_)::value_type::first);
    if (known != counts_.end() && proof.count <= known->second) return false;
    if (known != counts_.end())
        known->second = proof.count;
    else
        counts_.emplace_back(proof.session, proof.count);
    if (counts_.size() > kSessionsKept) counts_.pop_front();
    last_ = proof;
    fresh_at_ = now;
    return true;
}

} // namespace sweepgate::wire
