// SPDX-License-Identifier: Apache-2.0
// What is not as it should be with a file that the controller reads: it goes on with what was last
// good of that part, and says so here until the part is whole again.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "controlplane/model/snapshot.hpp"

namespace sweepgate::controller {

struct StartFault {
    std::string kind;     // "list", "catalog", "policy", "keys", "storage", "resolver", ...
    std::string severity; // "broken", "degraded" or "info"
    std::string text;
    Instant since{};
};

/// By kind and what it is about; each part replaces its own when it is looked at again.
class StartFaults {
public:
    /// Logged when it is news.
    void add(const StartFault& fault);
    /// Nothing of that kind stands any more.
    void clear(std::string_view kind);
    /// The same, and `texts` take their place; those that stood already are no news.
    void replace(std::string_view kind, std::string_view severity,
                 const std::vector<std::string>& texts);
    [[nodiscard]] const std::vector<StartFault>& all() const { return faults_; }

private:
    std::vector<StartFault> faults_;
};

} // namespace sweepgate::controller
