// SPDX-License-Identifier: Apache-2.0
#include "controlplane/nftables/batch.hpp"

#include <array>
#include <bit>

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include "controlplane/nftables/encode.hpp"
#include "controlplane/nftables/gate.hpp"

namespace sweepgate::nftables {

namespace {

constexpr std::size_t kRoom = std::size_t{128} << 10U; // more than any one message needs
constexpr std::uint32_t kElementBytes = 65'000;
constexpr std::uint32_t kMaxElementSize = 400;      // start and end of one range with a chain name
constexpr std::uint32_t kVerdictData = 0xFFFF'FF00; // NFT_DATA_VERDICT, unsigned

// nft's own numbers of data types (its include/datatype.h): they let `nft list` print the keys.
constexpr std::uint32_t kNftAddress4 = 7;
constexpr std::uint32_t kNftAddress6 = 8;
constexpr std::uint32_t kNftMark = 19; // a number of 4 bytes in host order
constexpr std::uint32_t kNftTwoMarks = kNftMark << 6U | kNftMark; // a concatenation

// Lets nft print the keys as the numbers they are: NFTNL_UDATA_SET_KEYBYTEORDER, 4 bytes, 1.
constexpr std::uint8_t kLittle = std::endian::native == std::endian::little ? 1 : 0;
constexpr std::array<std::uint8_t, 6> kKeyInHostOrder{0, 4, kLittle, 0, 0, 1 - kLittle};

void put_value(nlmsghdr* message, std::uint16_t nest, const void* bytes, std::size_t size) {
    auto* value = mnl_attr_nest_start(message, nest);
    mnl_attr_put(message, NFTA_DATA_VALUE, size, bytes);
    mnl_attr_nest_end(message, value);
}

/// Two words, see encode.cpp.
void put_class_data(nlmsghdr* message, ClassIndex index) {
    const std::array<std::uint32_t, 2> words{0, index};
    put_value(message, NFTA_SET_ELEM_DATA, words.data(), sizeof words);
}

void put_class_key(nlmsghdr* message, ClassIndex index) {
    const std::uint32_t number = index;
    put_value(message, NFTA_SET_ELEM_KEY, &number, sizeof number);
}

void put_key(nlmsghdr* message, const Address& address) {
    const auto bytes = to_bytes(address);
    put_value(message, NFTA_SET_ELEM_KEY, bytes.data(), width_bytes(address.family));
}

void put_jump(nlmsghdr* message, const std::string& chain) {
    auto* nest = mnl_attr_nest_start(message, NFTA_SET_ELEM_DATA);
    auto* verdict = mnl_attr_nest_start(message, NFTA_DATA_VERDICT);
    mnl_attr_put_u32(message, NFTA_VERDICT_CODE, htonl(static_cast<std::uint32_t>(NFT_JUMP)));
    mnl_attr_put_strz(message, NFTA_VERDICT_CHAIN, chain.c_str());
    mnl_attr_nest_end(message, verdict);
    mnl_attr_nest_end(message, nest);
}

/// A range is its start and one behind its end; one that reaches the end of the family has no
/// end element, because there is no key behind it.
void put_element(nlmsghdr* message, const AddressSet& set, const Element& element) {
    auto* start = mnl_attr_nest_start(message, NFTA_LIST_ELEM);
    put_key(message, element.range.first);
    if (set.is_map) put_class_data(message, element.address_class);
    mnl_attr_nest_end(message, start);
    if (set.shape == Shape::hosts) return;

    const auto last = element.range.last;
    if (last == Prefix{{last.family, 0}, 0}.last()) return;
    auto* behind = mnl_attr_nest_start(message, NFTA_LIST_ELEM);
    mnl_attr_put_u32(message, NFTA_SET_ELEM_FLAGS, htonl(NFT_SET_ELEM_INTERVAL_END));
    put_key(message, {last.family, last.value + 1});
    mnl_attr_nest_end(message, behind);
}

void put_element(nlmsghdr* message, const VerdictMap&, const Verdict& verdict) {
    auto* element = mnl_attr_nest_start(message, NFTA_LIST_ELEM);
    put_class_key(message, verdict.address_class);
    put_jump(message, verdict.chain);
    mnl_attr_nest_end(message, element);
}

/// What a set and a map of verdicts have in common.
NftSet new_set(const std::string& table, const std::string& name, std::uint32_t id) {
    auto set = own<NftSet>(nftnl_set_alloc());
    nftnl_set_set_str(set.get(), NFTNL_SET_TABLE, table.c_str());
    nftnl_set_set_str(set.get(), NFTNL_SET_NAME, name.c_str());
    nftnl_set_set_u32(set.get(), NFTNL_SET_ID, id);
    return set;
}

/// With a declared size the kernel allocates the whole hash table at once and never grows it.
void declare_size(nftnl_set& set, std::size_t size) {
    nftnl_set_set_u32(&set, NFTNL_SET_DESC_SIZE, static_cast<std::uint32_t>(size));
}

} // namespace

Batch::Batch(std::string table, std::uint32_t kernel_generation, std::uint32_t first_sequence,
             Layer layer)
    : table_(std::move(table)), layer_(layer), sequence_(first_sequence) {
    put_frame(NFNL_MSG_BATCH_BEGIN);
    if (kernel_generation == 0) return;
    // Extend the frame by the id the kernel has to be at.
    auto* message = reinterpret_cast<nlmsghdr*>(buffer_.data());
    mnl_attr_put_u32(message, NFNL_BATCH_GENID, htonl(kernel_generation));
    used_ = message->nlmsg_len;
}

void Batch::put_frame(std::uint16_t type) {
    buffer_.resize(used_ + kRoom);
    auto* message = mnl_nlmsg_put_header(buffer_.data() + used_);
    message->nlmsg_type = type;
    message->nlmsg_flags = NLM_F_REQUEST;
    message->nlmsg_seq = sequence_++;
    auto* header = static_cast<nfgenmsg*>(mnl_nlmsg_put_extra_header(message, sizeof(nfgenmsg)));
    header->nfgen_family = AF_UNSPEC;
    header->version = NFNETLINK_V0;
    header->res_id = htons(NFNL_SUBSYS_NFTABLES);
    used_ += message->nlmsg_len;
}

nlmsghdr* Batch::begin(std::uint16_t type, std::uint16_t flags) {
    buffer_.resize(used_ + kRoom);
    auto* message = mnl_nlmsg_put_header(buffer_.data() + used_);
    message->nlmsg_type = static_cast<std::uint16_t>(NFNL_SUBSYS_NFTABLES << 8U) | type;
    message->nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
    message->nlmsg_seq = sequence_++;
    auto* header = static_cast<nfgenmsg*>(mnl_nlmsg_put_extra_header(message, sizeof(nfgenmsg)));
    header->nfgen_family = static_cast<std::uint8_t>(layer_);
    header->version = NFNETLINK_V0;
    return message;
}

void Batch::end(nlmsghdr* message) {
    if (used_ + message->nlmsg_len > kMaxBatchBytes) {
        overflow_ += message->nlmsg_len;
        return;
    }
    last_message_ = used_;
    used_ += message->nlmsg_len;
}

void Batch::add_table() {
    auto* message = begin(NFT_MSG_NEWTABLE, NLM_F_CREATE);
    mnl_attr_put_strz(message, NFTA_TABLE_NAME, table_.c_str());
    mnl_attr_put_u32(message, NFTA_TABLE_FLAGS, 0); // also wakes a dormant table
    end(message);
}

void Batch::delete_table() {
    auto* message = begin(NFT_MSG_DELTABLE, 0);
    mnl_attr_put_strz(message, NFTA_TABLE_NAME, table_.c_str());
    end(message);
}

void Batch::add_base_chain(Hook hook, int priority) {
    const auto chain = own<NftChain>(nftnl_chain_alloc());
    nftnl_chain_set_str(chain.get(), NFTNL_CHAIN_TABLE, table_.c_str());
    nftnl_chain_set_str(chain.get(), NFTNL_CHAIN_NAME, base_chain(hook).c_str());
    nftnl_chain_set_str(chain.get(), NFTNL_CHAIN_TYPE, "filter");
    nftnl_chain_set_u32(chain.get(), NFTNL_CHAIN_HOOKNUM, static_cast<std::uint32_t>(hook));
    nftnl_chain_set_s32(chain.get(), NFTNL_CHAIN_PRIO, priority);
    nftnl_chain_set_u32(chain.get(), NFTNL_CHAIN_POLICY, NF_ACCEPT);
    auto* message = begin(NFT_MSG_NEWCHAIN, NLM_F_CREATE);
    nftnl_chain_nlmsg_build_payload(message, chain.get());
    end(message);
}

void Batch::add_chain(const Chain& added) {
    const auto chain = own<NftChain>(nftnl_chain_alloc());
    nftnl_chain_set_str(chain.get(), NFTNL_CHAIN_TABLE, table_.c_str());
    nftnl_chain_set_str(chain.get(), NFTNL_CHAIN_NAME, added.name.c_str());
    if (!added.comment.empty()) {
        const auto comment = to_user_data(added.comment);
        nftnl_chain_set_data(chain.get(), NFTNL_CHAIN_USERDATA, comment.data(),
                             static_cast<std::uint32_t>(comment.size()));
    }
    auto* message = begin(NFT_MSG_NEWCHAIN, NLM_F_CREATE | NLM_F_EXCL);
    nftnl_chain_nlmsg_build_payload(message, chain.get());
    end(message);
}

void Batch::delete_chain(const std::string& name) {
    auto* message = begin(NFT_MSG_DELCHAIN, 0);
    mnl_attr_put_strz(message, NFTA_CHAIN_TABLE, table_.c_str());
    mnl_attr_put_strz(message, NFTA_CHAIN_NAME, name.c_str());
    end(message);
}

void Batch::add_counter(const std::string& name) {
    const auto counter = own<NftObject>(nftnl_obj_alloc());
    nftnl_obj_set_str(counter.get(), NFTNL_OBJ_TABLE, table_.c_str());
    nftnl_obj_set_str(counter.get(), NFTNL_OBJ_NAME, name.c_str());
    nftnl_obj_set_u32(counter.get(), NFTNL_OBJ_TYPE, NFT_OBJECT_COUNTER);
    auto* message = begin(NFT_MSG_NEWOBJ, NLM_F_CREATE);
    nftnl_obj_nlmsg_build_payload(message, counter.get());
    end(message);
}

void Batch::add_limit(const RateLimit& added) {
    const auto limit = own<NftObject>(nftnl_obj_alloc());
    nftnl_obj_set_str(limit.get(), NFTNL_OBJ_TABLE, table_.c_str());
    nftnl_obj_set_str(limit.get(), NFTNL_OBJ_NAME, added.name.c_str());
    nftnl_obj_set_u32(limit.get(), NFTNL_OBJ_TYPE, NFT_OBJECT_LIMIT);
    nftnl_obj_set_u64(limit.get(), NFTNL_OBJ_LIMIT_RATE, added.packets_per_second);
    nftnl_obj_set_u64(limit.get(), NFTNL_OBJ_LIMIT_UNIT, 1); // second
    nftnl_obj_set_u32(limit.get(), NFTNL_OBJ_LIMIT_BURST, added.packets_per_second);
    nftnl_obj_set_u32(limit.get(), NFTNL_OBJ_LIMIT_TYPE, NFT_LIMIT_PKTS);
    nftnl_obj_set_u32(limit.get(), NFTNL_OBJ_LIMIT_FLAGS, NFT_LIMIT_F_INV); // "over"
    auto* message = begin(NFT_MSG_NEWOBJ, NLM_F_CREATE);
    nftnl_obj_nlmsg_build_payload(message, limit.get());
    end(message);
}

void Batch::delete_limit(const std::string& name) {
    auto* message = begin(NFT_MSG_DELOBJ, 0);
    mnl_attr_put_strz(message, NFTA_OBJ_TABLE, table_.c_str());
    mnl_attr_put_strz(message, NFTA_OBJ_NAME, name.c_str());
    mnl_attr_put_u32(message, NFTA_OBJ_TYPE, htonl(NFT_OBJECT_LIMIT));
    end(message);
}

void Batch::add_set(const AddressSet& added) {
    const bool is_ipv4 = added.family == Family::ipv4;
    const bool is_hash = added.shape == Shape::hosts;
    const auto set = new_set(table_, added.name, ++set_id_);
    nftnl_set_set_u32(set.get(), NFTNL_SET_KEY_TYPE, is_ipv4 ? kNftAddress4 : kNftAddress6);
    nftnl_set_set_u32(set.get(), NFTNL_SET_KEY_LEN, width_bytes(added.family));
    std::uint32_t flags = is_hash ? 0 : NFT_SET_INTERVAL;
    if (added.is_map) flags |= NFT_SET_MAP;
    nftnl_set_set_u32(set.get(), NFTNL_SET_FLAGS, flags);
    if (is_hash) declare_size(*set, added.elements.size());
    if (added.is_map) {
        nftnl_set_set_u32(set.get(), NFTNL_SET_DATA_TYPE, kNftTwoMarks);
        nftnl_set_set_u32(set.get(), NFTNL_SET_DATA_LEN, 2 * sizeof(std::uint32_t));
    }
    put_set(*set);
}

void Batch::add_set(const VerdictMap& added) {
    const auto map = new_set(table_, added.name, ++set_id_);
    nftnl_set_set_u32(map.get(), NFTNL_SET_KEY_TYPE, kNftMark);
    nftnl_set_set_u32(map.get(), NFTNL_SET_KEY_LEN, sizeof(std::uint32_t));
    nftnl_set_set_u32(map.get(), NFTNL_SET_FLAGS, NFT_SET_MAP);
    nftnl_set_set_u32(map.get(), NFTNL_SET_DATA_TYPE, kVerdictData);
    nftnl_set_set_u32(map.get(), NFTNL_SET_DATA_LEN, 0);
    nftnl_set_set_data(map.get(), NFTNL_SET_USERDATA, kKeyInHostOrder.data(),
                       kKeyInHostOrder.size());
    declare_size(*map, added.elements.size());
    put_set(*map);
}

void Batch::put_set(nftnl_set& set) {
    auto* message = begin(NFT_MSG_NEWSET, NLM_F_CREATE | NLM_F_EXCL);
    nftnl_set_nlmsg_build_payload(message, &set);
    end(message);
}

void Batch::delete_set(const std::string& name) {
    auto* message = begin(NFT_MSG_DELSET, 0);
    mnl_attr_put_strz(message, NFTA_SET_TABLE, table_.c_str());
    mnl_attr_put_strz(message, NFTA_SET_NAME, name.c_str());
    end(message);
}

void Batch::add_elements(const AddressSet& set) { put_elements(set); }
void Batch::add_elements(const VerdictMap& map) { put_elements(map); }

template <typename Set>
void Batch::put_elements(const Set& set) {
    for (auto next = set.elements.begin(); next != set.elements.end();) {
        auto* message = begin(NFT_MSG_NEWSETELEM, NLM_F_CREATE | NLM_F_EXCL);
        mnl_attr_put_strz(message, NFTA_SET_ELEM_LIST_TABLE, table_.c_str());
        mnl_attr_put_strz(message, NFTA_SET_ELEM_LIST_SET, set.name.c_str());
        auto* list = mnl_attr_nest_start(message, NFTA_SET_ELEM_LIST_ELEMENTS);
        for (; next != set.elements.end() && message->nlmsg_len < kElementBytes - kMaxElementSize;
             ++next)
            put_element(message, set, *next);
        mnl_attr_nest_end(message, list);
        end(message);
    }
}

void Batch::put_rule(const std::string& chain, std::uint64_t handle, const Rule& rule,
                     std::uint16_t flags) {
    const auto built = to_kernel(rule, table_, chain, layer_);
    if (handle != 0) nftnl_rule_set_u64(built.get(), NFTNL_RULE_HANDLE, handle);
    auto* message = begin(NFT_MSG_NEWRULE, flags);
    nftnl_rule_nlmsg_build_payload(message, built.get());
    end(message);
}

void Batch::add_rule(const std::string& chain, const Rule& rule) {
    put_rule(chain, 0, rule, NLM_F_CREATE | NLM_F_APPEND);
}

void Batch::replace_rule(const std::string& chain, std::uint64_t handle, const Rule& rule) {
    put_rule(chain, handle, rule, NLM_F_REPLACE);
}

void Batch::delete_rules(const std::string& chain) {
    auto* message = begin(NFT_MSG_DELRULE, 0);
    mnl_attr_put_strz(message, NFTA_RULE_TABLE, table_.c_str());
    mnl_attr_put_strz(message, NFTA_RULE_CHAIN, chain.c_str());
    end(message);
}

Result<FinishedBatch> Batch::finish() && {
    if (overflow_ > 0)
        return fail(Errc::refused, "the batch has " + std::to_string(used_ + overflow_) +
                                       " bytes, at most " + std::to_string(kMaxBatchBytes));
    FinishedBatch finished;
    if (last_message_ > 0) {
        auto* last = reinterpret_cast<nlmsghdr*>(buffer_.data() + last_message_);
        last->nlmsg_flags |= NLM_F_ACK;
        finished.last_ = last->nlmsg_seq;
        put_frame(NFNL_MSG_BATCH_END);
        buffer_.resize(used_);
        finished.bytes_ = std::move(buffer_);
    }
    return finished;
}

} // namespace sweepgate::nftables
