// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/start_faults.hpp"

#include <algorithm>

#include <spdlog/spdlog.h>

#include "controlplane/model/text.hpp"

namespace sweepgate::controller {

void StartFaults::add(const StartFault& fault) {
    const bool known = std::ranges::any_of(faults_, [&](const StartFault& other) {
        return other.kind == fault.kind && other.text == fault.text;
    });
    if (known) return;
    spdlog::error("{}: {}", fault.kind, printable(fault.text));
    faults_.push_back(fault);
    if (fault.since == Instant{})
        faults_.back().since =
            std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
}

void StartFaults::clear(std::string_view kind) {
    std::erase_if(faults_, [&](const StartFault& fault) { return fault.kind == kind; });
}

void StartFaults::replace(std::string_view kind, std::string_view severity,
                          const std::vector<std::string>& texts) {
    std::erase_if(faults_, [&](const StartFault& fault) {
        return fault.kind == kind && std::ranges::find(texts, fault.text) == texts.end();
    });
    for (const auto& text : texts) add({std::string(kind), std::string(severity), text, {}});
}

} // namespace sweepgate::controller
