// SPDX-License-Identifier: Apache-2.0
// Internal to this station: asks for a chain chunk by chunk and puts it together. No I/O: it says
// what to send and is told what came. At most kWindow chunks are on the way, so a server holds
// little for each client however large the chain is.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "controlplane/model/snapshot.hpp"
#include "controlplane/wire/socket.hpp"
#include "sweepgate.pb.h"

namespace sweepgate::wire {

class Fetcher {
public:
    /// Starts over; returns the first request. With `held` the server may answer "current".
    proto::Fetch start(Generation held, const Digest& digest);
    void stop() { active_ = false; }
    [[nodiscard]] bool active() const { return active_; }

    /// Errors: bad_input when the chunk does not fit; the fetch is then over. An unasked chunk is
    /// bad_input too.
    Status take(const proto::Chunk& chunk);
    /// Further requests to send now.
    std::vector<proto::Fetch> wanted();
    /// The whole chain, once.
    std::optional<std::string> finished();

private:
    static constexpr std::size_t kWindow = 4;
    bool active_ = false;
    Generation generation_ = 0;
    std::size_t total_ = 0;
    std::size_t asked_ = 0; // bytes asked for so far
    std::string bytes_;
};

} // namespace sweepgate::wire
