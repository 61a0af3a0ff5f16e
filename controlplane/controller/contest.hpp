// SPDX-License-Identifier: Apache-2.0
// Names that one resolver alone knows while others deny them: a poisoned upstream, or a filter at
// the others that does not say so. The guard then asks for a quorum and takes no repetition for
// proof. A resolver that says it filters has said nothing of the name and contradicts nobody.
#pragma once

#include <map>
#include <span>
#include <string>

#include "controlplane/book/sighting.hpp"

namespace sweepgate::controller {

class Contest {
public:
    /// Keeps what each resolver said last.
    void note(std::span<const Observation> observations);
    /// "192.0.2.9:53 alone knows it, 2 others say it does not exist", by hostname.
    [[nodiscard]] std::map<std::string, std::string> contested() const;

private:
    struct Name {
        std::string hostname;
        Family family = Family::ipv4;
        friend auto operator<=>(const Name&, const Name&) = default;
    };
    std::map<Name, std::map<std::string, bool>> said_; // resolver -> knows it
};

} // namespace sweepgate::controller
