// SPDX-License-Identifier: Apache-2.0
// Which keys may sign snapshots, as a list that whoever is above the signing key has signed: the
// root role of TUF (theupdateframework.github.io/specification, "root"), kept small. Text, so that
// a person can read what they sign on a machine without a network:
//
//   sweepgate-trust 1                  the format
//   version 3                          of the list; a gate never goes back to a lower one
//   epoch 1                            the least and only one that generations are counted in now
//   issued 1790000000                  seconds since 1970
//   signing <64 hex digits>            1 to 8: what these sign is good
//   retired <64 hex digits>            0 to 64: what these sign is refused, for ever
//   signature <64 hex> <128 hex>       1 to 16: public key, Ed25519 signature over all lines above
//
// A box anchors its trust in a file (load_trusted_keys()): with root keys in it, as many of them as
// the file's threshold says have signed the list; without, one of its signing keys has.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/model/snapshot.hpp"
#include "controlplane/wire/keys.hpp"

namespace sweepgate::wire {

inline constexpr std::size_t kMaxTrustBytes = 16 * 1024;
inline constexpr std::uint64_t kMostTrustVersion = 1U << 31U;

/// Generations of one epoch: the number of a generation is its epoch times this, and its place in
/// the epoch. Whoever had a signing key once may have used up an epoch's last number; the list that
/// retires the key begins the next one, whose generations are all newer.
inline constexpr Generation kEpochSpan = 1'000'000'000'000;
inline constexpr std::uint64_t kMostEpoch = 9'000'000; // so that every number fits in 63 bits

[[nodiscard]] constexpr std::uint64_t epoch_of(Generation generation) {
    return generation / kEpochSpan;
}
/// The last number of an epoch.
[[nodiscard]] constexpr Generation last_of(std::uint64_t epoch) {
    return (epoch + 1) * kEpochSpan - 1;
}

struct TrustList {
    std::uint64_t version = 0;
    std::uint64_t epoch = 0;
    Instant issued{};
    std::vector<VerifyKey> signing;
    std::vector<VerifyKey> retired;

    [[nodiscard]] bool lists(const VerifyKey& key) const;
};

/// The lines above the signatures. Errors: bad_input naming what is out of bounds.
[[nodiscard]] Result<std::string> to_text(const TrustList& list);
/// Adds `key`'s line to a text of to_text(), signed by others already or not.
[[nodiscard]] Result<std::string> countersign(std::string_view text, const SigningKey& key);
/// Signatures are not looked at. Errors: bad_input naming the line.
[[nodiscard]] Result<TrustList> parse_trust_list(std::string_view text);
/// Errors: as parse_trust_list(); refused, naming how many of which keys have to sign.
[[nodiscard]] Result<TrustList> open_trust_list(std::string_view text, const TrustedKeys& anchor);

} // namespace sweepgate::wire
