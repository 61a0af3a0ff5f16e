// SPDX-License-Identifier: Apache-2.0
#include "dataplane/gate/features.hpp"

#include <linux/ethtool.h>

#include <algorithm>
#include <cstring>
#include <vector>

namespace sweepgate::gate {

namespace {

constexpr unsigned kBitsOfBlock = 32;

constexpr const char* kTag = "rx-vlan-hw-parse";
constexpr const char* kServiceTag = "rx-vlan-stag-hw-parse";

/// An ethtool request with an array behind it, in memory fit for both.
class Request {
public:
    Request(std::size_t head, std::size_t behind)
        : words_((head + behind + sizeof(std::uint64_t) - 1) / sizeof(std::uint64_t)) {}
    template <typename Head>
    [[nodiscard]] Head& as() {
        return *reinterpret_cast<Head*>(words_.data());
    }

private:
    std::vector<std::uint64_t> words_;
};

/// In the order of their bits. A kernel may leave some without a name.
Result<std::vector<std::string>> names_of(const KernelInterface& interface) {
    Request count(sizeof(ethtool_sset_info), sizeof(__u32));
    auto& sets = count.as<ethtool_sset_info>();
    sets.cmd = ETHTOOL_GSSET_INFO;
    sets.sset_mask = 1ULL << ETH_SS_FEATURES;
    if (auto ok = interface.ethtool(&sets, "features"); !ok) return tl::unexpected(ok.error());
    const std::size_t many = sets.sset_mask != 0 ? sets.data[0] : 0;
    Request text(sizeof(ethtool_gstrings), many * ETH_GSTRING_LEN);
    auto& strings = text.as<ethtool_gstrings>();
    strings.cmd = ETHTOOL_GSTRINGS;
    strings.string_set = ETH_SS_FEATURES;
    strings.len = static_cast<__u32>(many);
    if (auto ok = interface.ethtool(&strings, "names of features"); !ok)
        return tl::unexpected(ok.error());
    std::vector<std::string> names;
    for (std::size_t i = 0; i < many; ++i) {
        const auto* name = reinterpret_cast<const char*>(strings.data) + i * ETH_GSTRING_LEN;
        names.emplace_back(name, strnlen(name, ETH_GSTRING_LEN));
    }
    return names;
}

std::size_t blocks_of(std::size_t features) { return (features + kBitsOfBlock - 1) / kBitsOfBlock; }

} // namespace

Result<Features> read_features(const KernelInterface& interface) {
    const auto names = names_of(interface);
    if (!names) return tl::unexpected(names.error());
    const auto blocks = blocks_of(names->size());
    Request room(sizeof(ethtool_gfeatures), blocks * sizeof(ethtool_get_features_block));
    auto& request = room.as<ethtool_gfeatures>();
    request.cmd = ETHTOOL_GFEATURES;
    request.size = static_cast<__u32>(blocks);
    if (auto ok = interface.ethtool(&request, "features"); !ok) return tl::unexpected(ok.error());
    Features features;
    for (std::size_t i = 0; i < names->size(); ++i) {
        const auto& block = request.features[i / kBitsOfBlock];
        const auto has = [&](__u32 bits) { return ((bits >> (i % kBitsOfBlock)) & 1U) != 0; };
        features[(*names)[i]] = {has(block.requested), has(block.active),
                                 has(block.available) && !has(block.never_changed)};
    }
    features.erase("");
    return features;
}

Status write_features(const KernelInterface& interface, const std::map<std::string, bool>& wanted) {
    if (wanted.empty()) return {};
    const auto names = names_of(interface);
    if (!names) return tl::unexpected(names.error());
    const auto blocks = blocks_of(names->size());
    Request room(sizeof(ethtool_sfeatures), blocks * sizeof(ethtool_set_features_block));
    auto& request = room.as<ethtool_sfeatures>();
    request.cmd = ETHTOOL_SFEATURES;
    request.size = static_cast<__u32>(blocks);
    for (const auto& [name, on] : wanted) {
        const auto at = static_cast<std::size_t>(std::ranges::find(*names, name) - names->begin());
        if (at == names->size())
            return fail(Errc::not_found,
                        "interface " + interface.name() + ": this kernel knows no feature " + name);
        auto& block = request.features[at / kBitsOfBlock];
        block.valid |= 1U << (at % kBitsOfBlock);
        if (on) block.requested |= 1U << (at % kBitsOfBlock);
    }
    return interface.ethtool(&request, "set features");
}

std::vector<std::string> unwanted_features(bool hides_tags) {
    std::vector<std::string> names{"rx-gro", "rx-gro-list", "rx-udp-gro-forwarding", "rx-gro-hw",
                                   "rx-lro"};
    if (hides_tags) names.insert(names.end(), {kTag, kServiceTag});
    return names;
}

bool keeps_tags_apart(const Features& features) {
    for (const auto* name : {kTag, kServiceTag})
        if (const auto found = features.find(name); found != features.end() && found->second.active)
            return true;
    return false;
}

bool is_virtual_wire_driver(std::string_view driver) { return driver == "veth"; }

} // namespace sweepgate::gate
