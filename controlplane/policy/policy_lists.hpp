// SPDX-License-Identifier: Apache-2.0
// Internal to this station: the prefix lists that one policy names. Each is read and parsed once,
// however often it is named, and all of them within bounds: a policy of some kilobytes may name
// megabytes a thousand times.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "controlplane/catalog/prefix_list.hpp"
#include "controlplane/policy/policy.hpp"

namespace sweepgate {

inline constexpr std::size_t kMaxLists = 256;
inline constexpr std::size_t kMaxBytesOfLists = std::size_t{32} << 20U;

class PolicyLists {
public:
    explicit PolicyLists(const ListTexts& texts) : texts_(texts) {}

    struct Read {
        std::shared_ptr<const std::string> text;
        PrefixList list;
    };
    /// Errors: those of the texts and of parse_prefix_list(); bad_input past the bounds.
    [[nodiscard]] const Result<Read>& read(const std::string& file, ListFormat format);
    /// True once: adding a list again to the same system adds nothing.
    [[nodiscard]] bool is_new_to(const std::string& system, const std::string& file,
                                 ListFormat format);

private:
    [[nodiscard]] Result<Read> load(const std::string& file, ListFormat format);

    const ListTexts& texts_;
    std::map<std::pair<std::string, ListFormat>, Result<Read>> read_;
    std::set<std::tuple<std::string, std::string, ListFormat>> added_; // system, file
    std::size_t bytes_ = 0;
};

} // namespace sweepgate
