// SPDX-License-Identifier: Apache-2.0
#include "controlplane/nftables/kernel.hpp"

#include <array>
#include <cstring>
#include <span>

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

namespace sweepgate::nftables {

namespace {

std::string text_of(const char* raw) { return raw == nullptr ? "" : raw; }

/// nft's form of a comment in user data: type 0, length with the final zero, text.
std::string comment_of(const nftnl_chain& chain) {
    std::uint32_t size = 0;
    const auto* bytes =
        static_cast<const char*>(nftnl_chain_get_data(&chain, NFTNL_CHAIN_USERDATA, &size));
    if (bytes == nullptr || size < 3 || bytes[0] != 0) return {};
    const auto length = static_cast<std::uint8_t>(bytes[1]);
    if (length < 1 || length + 2U > size) return {};
    return {bytes + 2, length - 1U};
}

std::optional<Hook> hook_of(const std::string& chain) {
    for (const auto hook : kHooks)
        if (chain == base_chain(hook)) return hook;
    return std::nullopt;
}

Status read_flags(Socket& socket, const std::string& table, TableState& state) {
    const auto got = socket.get(
        NFT_MSG_GETTABLE,
        [&](nlmsghdr& request) { mnl_attr_put_strz(&request, NFTA_TABLE_NAME, table.c_str()); },
        [&](const nlmsghdr& answer) {
            const auto parsed = own<NftTable>(nftnl_table_alloc());
            if (nftnl_table_nlmsg_parse(&answer, parsed.get()) < 0) return;
            const auto flags = nftnl_table_get_u32(parsed.get(), NFTNL_TABLE_FLAGS);
            state.dormant = (flags & NFT_TABLE_F_DORMANT) != 0;
        });
    if (!got) return tl::unexpected(got.error());
    state.exists = *got;
    return {};
}

void take_chain(const nftnl_chain& chain, TableState& state) {
    const auto name = text_of(nftnl_chain_get_str(&chain, NFTNL_CHAIN_NAME));
    if (const auto hook = hook_of(name)) {
        auto& base = state.bases[*hook];
        base.priority = nftnl_chain_get_s32(&chain, NFTNL_CHAIN_PRIO);
        base.hooked =
            nftnl_chain_is_set(&chain, NFTNL_CHAIN_HOOKNUM) &&
            nftnl_chain_get_u32(&chain, NFTNL_CHAIN_HOOKNUM) == static_cast<std::uint32_t>(*hook);
        base.accepts = nftnl_chain_get_u32(&chain, NFTNL_CHAIN_POLICY) == NF_ACCEPT;
        return;
    }
    if (nftnl_chain_is_set(&chain, NFTNL_CHAIN_HOOKNUM)) {
        state.foreign.insert(name);
        return;
    }
    const auto tag = tag_of(name);
    if (!tag) return;
    auto& loaded = state.generations[*tag];
    loaded.chains.push_back(name);
    if (name == root_chain(*tag)) loaded.receipt = parse_receipt(comment_of(chain));
}

Status read_chains(Socket& socket, const std::string& table, TableState& state) {
    return socket.dump(
        NFT_MSG_GETCHAIN, [](nlmsghdr&) {},
        [&] {
            state.bases.clear();
            state.foreign.clear();
            state.generations.clear();
        },
        [&](const nlmsghdr& answer) {
            const auto chain = own<NftChain>(nftnl_chain_alloc());
            if (nftnl_chain_nlmsg_parse(&answer, chain.get()) < 0) return;
            if (text_of(nftnl_chain_get_str(chain.get(), NFTNL_CHAIN_TABLE)) == table)
                take_chain(*chain, state);
        });
}

Status read_sets(Socket& socket, const std::string& table, TableState& state) {
    return socket.dump(
        NFT_MSG_GETSET,
        [&](nlmsghdr& request) { mnl_attr_put_strz(&request, NFTA_SET_TABLE, table.c_str()); },
        [&] {
            for (auto& [tag, loaded] : state.generations) loaded.sets.clear();
        },
        [&](const nlmsghdr& answer) {
            const auto set = own<NftSet>(nftnl_set_alloc());
            if (nftnl_set_nlmsg_parse(&answer, set.get()) < 0) return;
            const auto name = text_of(nftnl_set_get_str(set.get(), NFTNL_SET_NAME));
            if (const auto tag = tag_of(name)) state.generations[*tag].sets.push_back(name);
        });
}

BaseRule to_base_rule(const nftnl_rule& rule) {
    BaseRule base{nftnl_rule_get_u64(&rule, NFTNL_RULE_HANDLE), {}};
    const NftExprWalk walk(nftnl_expr_iter_create(&rule));
    if (!walk) return base;
    const auto* first = nftnl_expr_iter_next(walk.get());
    const bool alone = first != nullptr && nftnl_expr_iter_next(walk.get()) == nullptr;
    if (!alone || text_of(nftnl_expr_get_str(first, NFTNL_EXPR_NAME)) != "immediate") return base;
    if (static_cast<int>(nftnl_expr_get_u32(first, NFTNL_EXPR_IMM_VERDICT)) == NFT_JUMP)
        base.target = text_of(nftnl_expr_get_str(first, NFTNL_EXPR_IMM_CHAIN));
    return base;
}

Status read_base_rules(Socket& socket, const std::string& table, Hook hook, BaseChain& base) {
    return socket.dump(
        NFT_MSG_GETRULE,
        [&](nlmsghdr& request) {
            mnl_attr_put_strz(&request, NFTA_RULE_TABLE, table.c_str());
            mnl_attr_put_strz(&request, NFTA_RULE_CHAIN, base_chain(hook).c_str());
        },
        [&] { base.rules.clear(); },
        [&](const nlmsghdr& answer) {
            const auto rule = own<NftRule>(nftnl_rule_alloc());
            if (nftnl_rule_nlmsg_parse(&answer, rule.get()) < 0) return;
            if (text_of(nftnl_rule_get_str(rule.get(), NFTNL_RULE_CHAIN)) == base_chain(hook))
                base.rules.push_back(to_base_rule(*rule));
        });
}

/// The tag this base chain jumps to, if that is all it does.
std::optional<std::string> tag_enforced_by(const TableState& state, Hook hook) {
    const auto found = state.bases.find(hook);
    if (found == state.bases.end() || !found->second.hooked || !found->second.accepts ||
        found->second.rules.size() != 1)
        return std::nullopt;
    const auto& target = found->second.rules.front().target;
    auto tag = tag_of(target);
    if (!tag || target != entrance(hook, *tag)) return std::nullopt;
    return tag;
}

} // namespace

namespace {

/// Calls `each` with every object of this type in the table.
template <typename Again, typename Each>
Status dump_objects(Socket& socket, const std::string& table, std::uint32_t type, Again again,
                    Each each) {
    return socket.dump(
        NFT_MSG_GETOBJ,
        [&](nlmsghdr& request) {
            mnl_attr_put_strz(&request, NFTA_OBJ_TABLE, table.c_str());
            mnl_attr_put_u32(&request, NFTA_OBJ_TYPE, htonl(type));
        },
        again,
        [&](const nlmsghdr& answer) {
            const auto object = own<NftObject>(nftnl_obj_alloc());
            if (nftnl_obj_nlmsg_parse(&answer, object.get()) < 0) return;
            if (text_of(nftnl_obj_get_str(object.get(), NFTNL_OBJ_TABLE)) == table)
                each(text_of(nftnl_obj_get_str(object.get(), NFTNL_OBJ_NAME)), *object);
        });
}

Status read_limits(Socket& socket, const std::string& table, TableState& state) {
    return dump_objects(
        socket, table, NFT_OBJECT_LIMIT, [&] { state.limits.clear(); },
        [&](std::string name, nftnl_obj&) { state.limits.insert(std::move(name)); });
}

} // namespace

Result<TableState> read_table(Socket& socket, const std::string& table) {
    TableState state;
    const auto generation = socket.kernel_generation();
    if (!generation) return tl::unexpected(generation.error());
    state.kernel_generation = *generation;
    if (auto ok = read_flags(socket, table, state); !ok) return tl::unexpected(ok.error());
    if (!state.exists) return state;
    if (auto ok = read_chains(socket, table, state); !ok) return tl::unexpected(ok.error());
    if (auto ok = read_sets(socket, table, state); !ok) return tl::unexpected(ok.error());
    for (auto& [hook, base] : state.bases)
        if (auto ok = read_base_rules(socket, table, hook, base); !ok)
            return tl::unexpected(ok.error());
    const auto counters = read_counters(socket, table);
    if (!counters) return tl::unexpected(counters.error());
    for (const auto& [name, packets] : *counters) state.counters.insert(name);
    if (auto ok = read_limits(socket, table, state); !ok) return tl::unexpected(ok.error());
    return state;
}

Result<std::map<std::string, std::uint64_t>> read_counters(Socket& socket,
                                                           const std::string& table) {
    std::map<std::string, std::uint64_t> counters;
    auto ok = dump_objects(
        socket, table, NFT_OBJECT_COUNTER, [&] { counters.clear(); },
        [&](const std::string& name, nftnl_obj& counter) {
            counters[name] = nftnl_obj_get_u64(&counter, NFTNL_OBJ_CTR_PKTS);
        });
    if (!ok) return tl::unexpected(ok.error());
    return counters;
}

namespace {

Found found_in(nftnl_set_elem& element) {
    Found found;
    std::uint32_t size = 0;
    std::array<std::uint32_t, 2> words{};
    const auto* data = nftnl_set_elem_get(&element, NFTNL_SET_ELEM_DATA, &size);
    if (data != nullptr && size == sizeof words) {
        std::memcpy(words.data(), data, sizeof words); // the first is filling, see encode.cpp
        found.address_class = static_cast<ClassIndex>(words[1]);
    }
    found.chain = text_of(nftnl_set_elem_get_str(&element, NFTNL_SET_ELEM_CHAIN));
    return found;
}

Result<std::optional<Found>> look_up(Socket& socket, const std::string& table,
                                     const std::string& set, std::span<const std::uint8_t> bytes) {
    Found found;
    const auto got = socket.get(
        NFT_MSG_GETSETELEM,
        [&](nlmsghdr& request) {
            mnl_attr_put_strz(&request, NFTA_SET_ELEM_LIST_TABLE, table.c_str());
            mnl_attr_put_strz(&request, NFTA_SET_ELEM_LIST_SET, set.c_str());
            auto* list = mnl_attr_nest_start(&request, NFTA_SET_ELEM_LIST_ELEMENTS);
            auto* element = mnl_attr_nest_start(&request, NFTA_LIST_ELEM);
            auto* key = mnl_attr_nest_start(&request, NFTA_SET_ELEM_KEY);
            mnl_attr_put(&request, NFTA_DATA_VALUE, bytes.size(), bytes.data());
            mnl_attr_nest_end(&request, key);
            mnl_attr_nest_end(&request, element);
            mnl_attr_nest_end(&request, list);
        },
        [&](const nlmsghdr& answer) {
            const auto parsed = own<NftSet>(nftnl_set_alloc());
            if (nftnl_set_elems_nlmsg_parse(&answer, parsed.get()) < 0) return;
            const NftElementWalk walk(nftnl_set_elems_iter_create(parsed.get()));
            auto* element = walk ? nftnl_set_elems_iter_next(walk.get()) : nullptr;
            if (element != nullptr) found = found_in(*element);
        });
    if (!got) return within("set " + set, got.error());
    if (!*got) return std::optional<Found>{};
    return std::optional{std::move(found)};
}

} // namespace

Result<std::optional<Found>> look_up(Socket& socket, const std::string& table,
                                     const std::string& set, const Address& address) {
    const auto bytes = to_bytes(address);
    return look_up(socket, table, set, std::span(bytes).first(width_bytes(address.family)));
}

Result<std::optional<Found>> look_up(Socket& socket, const std::string& table,
                                     const std::string& map, ClassIndex index) {
    const std::uint32_t number = index;
    std::array<std::uint8_t, sizeof number> bytes{};
    std::memcpy(bytes.data(), &number, sizeof number);
    return look_up(socket, table, map, std::span<const std::uint8_t>(bytes));
}

std::optional<std::string> in_force(const TableState& state, bool output) {
    if (!state.exists || state.dormant || !state.foreign.empty()) return std::nullopt;
    const auto tag = tag_enforced_by(state, Hook::forward);
    if (!tag) return std::nullopt;
    const auto loaded = state.generations.find(*tag);
    if (loaded == state.generations.end() || !loaded->second.receipt) return std::nullopt;
    for (const auto hook : {Hook::input, Hook::output}) {
        if (output && tag_enforced_by(state, hook) != tag) return std::nullopt;
        const auto base = state.bases.find(hook);
        if (!output && base != state.bases.end() && !base->second.rules.empty())
            return std::nullopt;
    }
    return tag;
}

std::set<std::string> referenced(const TableState& state) {
    std::set<std::string> tags;
    for (const auto& [hook, base] : state.bases)
        for (const auto& rule : base.rules)
            if (const auto tag = tag_of(rule.target)) tags.insert(*tag);
    return tags;
}

} // namespace sweepgate::nftables
