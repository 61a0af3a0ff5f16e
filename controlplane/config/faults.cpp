// SPDX-License-Identifier: Apache-2.0
#include "controlplane/config/faults.hpp"

#include "controlplane/model/text.hpp"

namespace sweepgate::config {

std::string at_place(std::string_view name, Place place, std::string_view what) {
    return printable(std::string(name) + ':' + std::to_string(place.line) + ':' +
                     std::to_string(place.column) + ": " + std::string(what));
}

void Faults::add(Place place, std::string what, std::string_view subject) {
    if (faults_.size() >= kMostKept)
        ++more_;
    else
        faults_.insert({place, std::string(subject), std::move(what)});
}

bool Faults::has(Place place) const {
    const auto found = faults_.lower_bound({place, {}, {}});
    return found != faults_.end() && found->place == place;
}

Error Faults::error(std::string_view name) const {
    Error error{Errc::bad_input, {}};
    std::size_t told = 0;
    for (const auto& fault : faults_) {
        if (told == kMostTold) break;
        if (told++ > 0) error.what += '\n';
        error.what += at_place(name, fault.place, fault.what);
    }
    const auto rest = faults_.size() - told + more_;
    if (rest > 0)
        error.what +=
            '\n' + printable(std::string(name)) + ": and " + std::to_string(rest) + " more";
    return error;
}

} // namespace sweepgate::config
