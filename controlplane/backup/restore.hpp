// SPDX-License-Identifier: Apache-2.0
// `sweepgate restore`: verify all of a backup, write it beside its places, then change the names.
//
// What lay there stays beside it as NAME.before-TIME. An error on the way puts everything back; a
// power cut between two names does not, and then those of before are there to be put back by hand.
#pragma once

#include <functional>

#include "controlplane/backup/envelope.hpp"
#include "controlplane/backup/manifest.hpp"
#include "controlplane/backup/places.hpp"

namespace sweepgate::backup {

/// A backup of which every sum is right, and where its files would go.
class Verified {
public:
    ///   config   where its configuration goes
    /// Errors: those of the envelope; bad_input for whatever a backup of ours is not.
    static Result<Verified> open(const std::filesystem::path& file,
                                 const std::filesystem::path& config,
                                 const std::function<Result<std::string>()>& passphrase);

    [[nodiscard]] const Manifest& manifest() const { return manifest_; }
    /// Those that it has files for: what it has none for stays as it is.
    [[nodiscard]] std::vector<const Place*> targets() const;
    /// Secret keys that the configuration names and the backup has not.
    [[nodiscard]] std::vector<const Place*> keys_not_in_it() const;

    struct Outcome {
        std::vector<std::filesystem::path> put_aside;
    };
    /// Errors: conflict when a controller runs with the same state folder, or with that of the
    /// configuration which lies there now; io. On an error everything is as it was.
    Result<Outcome> restore();

private:
    Verified(EnvelopeReader reader, Manifest manifest, controller::Config config,
             std::vector<Place> places);
    EnvelopeReader reader_;
    Manifest manifest_;
    controller::Config config_;
    std::vector<Place> places_;
};

} // namespace sweepgate::backup
