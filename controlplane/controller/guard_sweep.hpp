// SPDX-License-Identifier: Apache-2.0
// Questions that only the guard has: names that cannot exist, asked of every resolver by itself,
// and reverse names of new addresses, within a budget.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "controlplane/controller/config.hpp"
#include "controlplane/guard/sinkhole.hpp"
#include "resolver/sweep.hpp"

namespace sweepgate::controller {

/// A name of a vendor; what does not exist below it is asked for.
struct VendorName {
    std::string operator_name;
    std::string hostname;
};

struct GuardQuestions {
    bool canaries = false; // due
    std::vector<VendorName> vendors;
    std::vector<Address> addresses; // whose reverse name is wanted
};

struct GuardFindings {
    bool canaries = false; // were asked
    std::vector<Sinkhole> sinkholes;
    std::vector<std::pair<Address, std::string>> reverse_names; // "" for none
    std::vector<Address> unanswered;
};

class GuardSweep {
public:
    /// Errors: bad_input for a resolver that is no address.
    static Result<std::unique_ptr<GuardSweep>> create(const SweepOptions& options);

    /// Errors: those of Sweeper::sweep.
    [[nodiscard]] Result<GuardFindings> run(const GuardQuestions& questions,
                                            const std::function<bool()>& stop_requested);

private:
    GuardSweep(std::unique_ptr<Sweeper> sweeper, std::uint8_t servers)
        : sweeper_(std::move(sweeper)), servers_(servers) {}
    Status ask_canaries(const GuardQuestions& questions, GuardFindings& findings,
                        const std::function<bool()>& stop_requested);
    Status ask_reverse(const GuardQuestions& questions, GuardFindings& findings,
                       const std::function<bool()>& stop_requested);

    std::unique_ptr<Sweeper> sweeper_;
    std::uint8_t servers_; // of it
};

} // namespace sweepgate::controller
