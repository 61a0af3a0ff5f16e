// SPDX-License-Identifier: Apache-2.0
#include "controlplane/wire/holding.hpp"

namespace sweepgate::wire {

namespace {

tl::unexpected<Error> absurd(Generation generation, Generation most) {
    return fail(Errc::conflict, "generation " + std::to_string(generation) + " is beyond " +
                                    std::to_string(most) + ", the last of epoch " +
                                    std::to_string(epoch_of(most)));
}

} // namespace

Result<Candidate> Holding::open(std::string chain) const {
    const auto links = links_of(chain);
    if (!links) return tl::unexpected(links.error());
    auto snapshot = open_chain(chain, keys_);
    if (!snapshot) return tl::unexpected(snapshot.error());
    const auto generation = snapshot->generation;
    if (generation > most_) return absurd(generation, most_);
    if (generation < this->generation())
        return fail(Errc::conflict, "generation " + std::to_string(generation) +
                                        " is older than the held " +
                                        std::to_string(this->generation()));
    // The chain is opened, so its last statement's digest is the snapshot's.
    const auto statement = open_statement(links->back(), keys_);
    if (!statement) return tl::unexpected(statement.error());
    Candidate candidate{std::move(*snapshot), statement->content_digest, {}, links->size()};
    if (is_held(candidate) && candidate.digest != held_->digest)
        return fail(Errc::conflict, "generation " + std::to_string(generation) +
                                        " came twice with different content");
    candidate.chain = std::move(chain);
    return candidate;
}

Result<Candidate> Holding::extend(std::string_view sealed_delta) {
    const auto delta = open_delta(sealed_delta, keys_);
    if (!delta) return tl::unexpected(delta.error());
    if (delta->next <= generation())
        return fail(Errc::conflict, "delta to " + std::to_string(delta->next) + ", " +
                                        std::to_string(generation()) + " is held");
    if (delta->next > most_) return absurd(delta->next, most_);
    if (!held_) return fail(Errc::stale_generation, "a delta before any snapshot");
    if (held_->links >= kMaxChainLinks ||
        held_->chain.size() + sealed_delta.size() > kMaxChainBytes)
        return fail(Errc::stale_generation, "the chain is full");
    auto snapshot = apply(held_->snapshot, held_->digest, *delta, std::move(storage_));
    if (!snapshot) return tl::unexpected(snapshot.error());
    return Candidate{std::move(*snapshot), delta->next_digest,
                     held_->chain + std::string(sealed_delta), held_->links + 1};
}

void Holding::accept(Candidate candidate) {
    if (held_) storage_ = std::move(held_->snapshot.entries);
    held_ = std::move(candidate);
}

} // namespace sweepgate::wire
