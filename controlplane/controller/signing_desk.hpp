// SPDX-License-Identifier: Apache-2.0
// The controller's signing key and what says that it is one:
//
//   signing.key        what new generations are signed with
//   signing.key.pub    the anchor that its own boxes have too (wire/keys.hpp)
//   trust              beside them: the list of signing keys, when there is one (trust_list.hpp)
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "controlplane/controller/start_faults.hpp"
#include "controlplane/wire/trust.hpp"

namespace sweepgate::controller {

class SigningDesk {
public:
    ///   key   of the configuration
    ///   past  file in the state folder that remembers whose signatures are ours
    SigningDesk(std::filesystem::path key, std::filesystem::path past)
        : file_(std::move(key)), past_(std::move(past)) {}

    /// Reads all three; what is wrong is told in `faults`, and what was good stays.
    /// Errors: of the key when there is none to sign with.
    Status load(StartFaults& faults);

    /// Null: nothing can be signed.
    [[nodiscard]] const wire::SigningKey* key() const { return key_ ? &*key_ : nullptr; }
    /// Whose signatures are ours, also of before.
    [[nodiscard]] const std::vector<wire::VerifyKey>& own_keys() const { return own_; }
    [[nodiscard]] const wire::Trust& trust() const { return trust_; }
    /// What follows `newest`, in the epoch of the list.
    [[nodiscard]] Generation after(Generation newest) const;
    /// Nobody else takes what is sealed with that key, or numbered by an epoch of before.
    [[nodiscard]] bool is_outdated(std::string_view sealed) const;

private:
    Status load_key(StartFaults& faults);
    void load_trust(StartFaults& faults);
    void remember();

    std::filesystem::path file_;
    std::filesystem::path past_;
    std::optional<wire::SigningKey> key_;
    wire::Trust trust_{{}};
    std::vector<wire::VerifyKey> own_;
};

} // namespace sweepgate::controller
