// SPDX-License-Identifier: Apache-2.0
// A policy's text is read or refused with a reason; what was read can be asked for every decision.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "controlplane/policy/policy.hpp"

namespace {

using namespace sweepgate;

Catalog small_catalog() {
    Catalog catalog;
    for (const auto* text :
         {"id = 'irc'\nname = 'IRC'\noperator = 'many'\nera = 'current'\ncategory = 'irc'\n"
          "default_action = 'block'\n[dns]\nhostnames = ['irc.example.net']\n",
          "id = 'slack'\nname = 'Slack'\noperator = 'Slack'\nera = 'current'\n"
          "category = 'corporate'\ndefault_action = 'sanction'\n",
          "id = 'whatsapp'\nname = 'WhatsApp'\noperator = 'Meta'\nera = 'current'\n"
          "category = 'im'\ndefault_action = 'block'\n"}) {
        auto system = parse_system(text, "catalog");
        if (!system) std::abort();
        catalog.systems.push_back(std::move(*system));
    }
    return catalog;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    static const auto catalog = small_catalog();
    const std::string_view text(reinterpret_cast<const char*>(bytes), size);
    const auto policy = parse_policy(text, "fuzz", catalog);
    if (!policy) {
        if (policy.error().what.empty()) std::abort();
        return 0;
    }
    for (const auto& system : catalog.systems) {
        for (GroupIndex group = 0; group <= policy->groups.size(); ++group) {
            const auto action = policy->action(group, system);
            if (policy->treatment(system) == Treatment::sanction && action != Action::pass)
                std::abort();
            for (const auto& schedule : policy->schedules)
                static_cast<void>(policy->action(schedule, group, system));
        }
        static_cast<void>(policy->enforces(system));
    }
    return 0;
}
