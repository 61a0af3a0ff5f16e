// SPDX-License-Identifier: Apache-2.0
// Names the part of a batch that the kernel refused.
#include <cstring>
#include <span>

#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include "controlplane/nftables/batch.hpp"
#include "controlplane/nftables/handles.hpp"

namespace sweepgate::nftables {

namespace {

struct Purpose {
    std::string_view text;
    std::uint16_t name; // the attribute that names the object, 0 = the text says it all
};

Purpose purpose_of(std::uint16_t type) {
    if (type == NFNL_MSG_BATCH_BEGIN) return {"commit", 0};
    switch (type & 0xFFU) {
    case NFT_MSG_NEWTABLE: return {"add the table", 0};
    case NFT_MSG_DELTABLE: return {"delete the table", 0};
    case NFT_MSG_NEWCHAIN: return {"add chain", NFTA_CHAIN_NAME};
    case NFT_MSG_DELCHAIN: return {"delete chain", NFTA_CHAIN_NAME};
    case NFT_MSG_NEWRULE: return {"add a rule to chain", NFTA_RULE_CHAIN};
    case NFT_MSG_DELRULE: return {"delete the rules of chain", NFTA_RULE_CHAIN};
    case NFT_MSG_NEWSET: return {"add set", NFTA_SET_NAME};
    case NFT_MSG_DELSET: return {"delete set", NFTA_SET_NAME};
    case NFT_MSG_NEWSETELEM: return {"add elements to set", NFTA_SET_ELEM_LIST_SET};
    case NFT_MSG_NEWOBJ: return {"add counter", NFTA_OBJ_NAME};
    default: return {"batch", 0};
    }
}

/// Attributes of a message or of a nest; written out because libmnl's macros are not C++.
template <typename Visit>
void each_attribute(const char* begin, const char* end, Visit visit) {
    while (end - begin >= static_cast<std::ptrdiff_t>(sizeof(nlattr))) {
        const auto* attribute = reinterpret_cast<const nlattr*>(begin);
        if (!mnl_attr_ok(attribute, static_cast<int>(end - begin))) return;
        visit(*attribute);
        begin += MNL_ALIGN(attribute->nla_len);
    }
}

std::span<const char> payload_of(const nlattr& attribute) {
    return {static_cast<const char*>(mnl_attr_get_payload(&attribute)),
            mnl_attr_get_payload_len(&attribute)};
}

const nlattr* find(std::span<const char> within, std::uint16_t type) {
    const nlattr* found = nullptr;
    each_attribute(within.data(), within.data() + within.size(), [&](const nlattr& attribute) {
        if (mnl_attr_get_type(&attribute) == type) found = &attribute;
    });
    return found;
}

/// An address, or the number of a class where the element leads to a chain.
std::string key_text(std::span<const char> element, std::span<const char> key) {
    const auto* data = find(element, NFTA_SET_ELEM_DATA);
    if (data != nullptr && find(payload_of(*data), NFTA_DATA_VERDICT) != nullptr) {
        std::uint32_t number = 0;
        if (key.size() == sizeof number) std::memcpy(&number, key.data(), sizeof number);
        return "class " + std::to_string(number);
    }
    const auto address =
        address_from_bytes({reinterpret_cast<const std::uint8_t*>(key.data()), key.size()});
    return address ? to_string(*address) : std::string();
}

/// The key of the list element that spans `at`.
std::string element_at(std::span<const char> list, const char* at) {
    std::string text;
    each_attribute(list.data(), list.data() + list.size(), [&](const nlattr& element) {
        const auto* start = reinterpret_cast<const char*>(&element);
        if (at < start || at >= start + element.nla_len) return;
        const auto* key = find(payload_of(element), NFTA_SET_ELEM_KEY);
        const auto* value = key == nullptr ? nullptr : find(payload_of(*key), NFTA_DATA_VALUE);
        if (value != nullptr) text = key_text(payload_of(element), payload_of(*value));
    });
    return text;
}

} // namespace

std::string FinishedBatch::describe(std::uint32_t sequence, std::uint32_t offset) const {
    int left = static_cast<int>(bytes_.size());
    const auto* message = reinterpret_cast<const nlmsghdr*>(bytes_.data());
    while (mnl_nlmsg_ok(message, left) && message->nlmsg_seq != sequence)
        message = mnl_nlmsg_next(message, &left);
    if (!mnl_nlmsg_ok(message, left)) return "batch";

    const auto purpose = purpose_of(message->nlmsg_type);
    std::string text(purpose.text);
    if (purpose.name == 0) return text;
    const auto* start = reinterpret_cast<const char*>(message);
    const std::span body{start + sizeof(nlmsghdr) + sizeof(nfgenmsg), start + message->nlmsg_len};
    if (const auto* name = find(body, purpose.name); name != nullptr)
        text.append(" ").append(mnl_attr_get_str(name));
    const bool lists_elements = purpose.name == NFTA_SET_ELEM_LIST_SET &&
                                (message->nlmsg_type & 0xFFU) == NFT_MSG_NEWSETELEM;
    if (!lists_elements || offset == 0) return text;
    if (const auto* list = find(body, NFTA_SET_ELEM_LIST_ELEMENTS); list != nullptr)
        if (const auto element = element_at(payload_of(*list), start + offset); !element.empty())
            text.append(": ").append(element);
    return text;
}

} // namespace sweepgate::nftables
