// SPDX-License-Identifier: Apache-2.0
#include "controlplane/policy/policy_lists.hpp"

namespace sweepgate {

const Result<PolicyLists::Read>& PolicyLists::read(const std::string& file, ListFormat format) {
    const auto known = read_.find({file, format});
    if (known != read_.end()) return known->second;
    return read_.emplace(std::pair(file, format), load(file, format)).first->second;
}

Result<PolicyLists::Read> PolicyLists::load(const std::string& file, ListFormat format) {
    if (read_.size() >= kMaxLists)
        return fail(Errc::bad_input,
                    "more than " + std::to_string(kMaxLists) + " lists with " + file);
    auto text = texts_(file, format);
    if (!text) return tl::unexpected(text.error());
    if (bytes_ + text->size() > kMaxBytesOfLists)
        return fail(Errc::bad_input, "more than " + std::to_string(kMaxBytesOfLists) +
                                         " bytes of lists with " + file);
    bytes_ += text->size();
    auto list = parse_prefix_list(*text, file, format);
    if (!list) return tl::unexpected(list.error());
    return Read{std::make_shared<const std::string>(std::move(*text)), std::move(*list)};
}

bool PolicyLists::is_new_to(const std::string& system, const std::string& file, ListFormat format) {
    return added_.emplace(system, file, format).second;
}

} // namespace sweepgate
