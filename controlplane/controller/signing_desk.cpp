// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/signing_desk.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "controlplane/wire/envelope.hpp"
#include "controlplane/wire/store.hpp"

namespace sweepgate::controller {

namespace {

constexpr std::size_t kMostPast = 64;

void add(std::vector<wire::VerifyKey>& keys, std::span<const wire::VerifyKey> more) {
    for (const auto& key : more)
        if (std::ranges::find(keys, key) == keys.end()) keys.push_back(key);
}

} // namespace

Status SigningDesk::load(StartFaults& faults) {
    load_trust(faults);
    const auto loaded = load_key(faults);
    remember();
    return loaded;
}

void SigningDesk::load_trust(StartFaults& faults) {
    auto trust = wire::Trust::open({file_.string() + ".pub", {}, file_.parent_path() / "trust"});
    if (!trust) {
        // Without it the key alone says who we are.
        if (trust_.version() != 0)
            faults.replace("trust", "degraded",
                           {trust.error().what + "; the list of signing keys stays as it is"});
        return;
    }
    auto told = trust->faults();
    const bool lost = trust->version() < trust_.version();
    if (lost && told.empty())
        told.push_back((file_.parent_path() / "trust").string() + ": is gone");
    for (auto& line : told)
        line += lost ? fmt::format("; version {} of the list of signing keys stays in force until "
                                   "this program ends, and at the gates",
                                   trust_.version())
                     : "; gates keep the list that they have";
    if (!lost) trust_ = std::move(*trust);
    faults.replace("trust", "degraded", told);
}

Status SigningDesk::load_key(StartFaults& faults) {
    auto key = wire::load_signing_key(file_);
    if (key) {
        const auto ours = key->verify_key();
        const bool trusted =
            trust_.version() == 0 || std::ranges::find(trust_.keys(), ours) != trust_.keys().end();
        if (!trusted)
            key = fail(Errc::refused,
                       fmt::format("{}: key {} is not trusted by version {} of the list of "
                                   "signing keys, so no gate takes what it signs",
                                   file_.string(), fingerprint(ours), trust_.version()));
    }
    if (key) {
        key_ = std::move(*key);
        faults.clear("signing-key");
        return {};
    }
    const auto held = key_ ? std::optional(key_->verify_key()) : std::nullopt;
    const bool good = held && std::ranges::find(trust_.keys(), *held) != trust_.keys().end();
    if (!good) key_.reset();
    faults.replace(
        "signing-key", "broken",
        {key.error().what + (good ? "; the key that was read last signs on until this program ends"
                                  : "; nothing new is published until it can be used")});
    if (good) return {};
    return tl::unexpected(key.error());
}

void SigningDesk::remember() {
    if (const auto past = wire::load_verify_keys(past_)) add(own_, *past);
    add(own_, trust_.keys_of_the_past());
    if (key_) add(own_, std::vector{key_->verify_key()});
    if (own_.size() > kMostPast) own_.erase(own_.begin(), own_.end() - kMostPast);
    std::string lines;
    for (const auto& key : own_) lines += wire::to_line(key) + "\n";
    if (!own_.empty()) wire::keep_copy(past_, lines);
}

Generation SigningDesk::after(Generation newest) const {
    const auto next = newest + 1;
    const auto epoch = wire::epoch_of(trust_.most_generation());
    const auto least = epoch * wire::kEpochSpan;
    return next > least ? next : least + next % wire::kEpochSpan;
}

bool SigningDesk::is_outdated(std::string_view sealed) const {
    if (!key_) return false; // nor could anything take its place
    const auto statement = wire::open_statement(sealed, own_);
    return !statement || statement->key_id != key_->verify_key().id() ||
           wire::epoch_of(statement->generation) < wire::epoch_of(trust_.most_generation());
}

} // namespace sweepgate::controller
