// SPDX-License-Identifier: Apache-2.0
#include "controlplane/nftables/encode.hpp"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <netinet/in.h>

namespace sweepgate::nftables {

namespace {

constexpr std::uint32_t kLoopbackIndex = 1; // fixed by the kernel in every namespace
constexpr std::uint8_t kIcmp = IPPROTO_ICMP;
constexpr std::uint8_t kIcmp6 = IPPROTO_ICMPV6;
constexpr std::uint16_t kTypeIpv4 = 0x0800; // IANA ieee-802-numbers
constexpr std::uint16_t kTypeIpv6 = 0x86DD;
constexpr std::uint32_t kTypeOffset = 12; // in an Ethernet header
constexpr std::uint8_t kTcpFlagsOffset = 13;
constexpr std::uint8_t kTcpReset = 0x04; // RFC 9293, section 3.1
constexpr std::uint32_t kQuoted = 8;     // in an ICMP error: where the quoted IP header begins
constexpr std::uint32_t kQuotedPayload = 8;

// Offsets of an address in its IP header (RFC 791 3.1, RFC 8200 3), and the header's length.
std::uint32_t address_offset(End end, Family family) {
    const std::uint32_t source = family == Family::ipv4 ? 12 : 8;
    return end == End::source ? source : source + width_bytes(family);
}
constexpr std::uint32_t kHeader4 = 20;
constexpr std::uint32_t kHeader6 = 40;

// A lookup by class, and what nft makes of it. The nft 1.0.6 of Debian 12 aborts ("consumed > 0")
// when it lists a lookup whose key is the result of another lookup. So the address lies in the
// second word of register 1, and the map of classes gives two words, of which the second replaces
// it: the kernel then looks for the class, and nft, which goes by the register where the result
// begins, sees the address there still and prints
//     ip daddr vmap @sg_g7_to comment "class from sg_g7_host4"
// That is no rule that nft would read back: a map of marks has no addresses, so it refuses the
// file ("datatype mismatch") instead of loading a table that blocks nothing.
constexpr std::uint32_t kFirstWord = NFT_REG32_00;
constexpr std::uint32_t kSecondWord = NFT_REG32_01;

/// Appends expressions to one rule; a failed allocation throws.
class Expressions {
public:
    Expressions(nftnl_rule& rule, Layer layer) : rule_(rule), layer_(layer) {}

    nftnl_expr* add(const char* name) {
        auto* expr = nftnl_expr_alloc(name);
        if (expr == nullptr) throw std::bad_alloc();
        nftnl_rule_add_expr(&rule_, expr); // the rule owns it from here on
        return expr;
    }

    void load_meta(std::uint32_t key) {
        auto* expr = add("meta");
        nftnl_expr_set_u32(expr, NFTNL_EXPR_META_KEY, key);
        nftnl_expr_set_u32(expr, NFTNL_EXPR_META_DREG, NFT_REG_1);
    }

    void load_payload(std::uint32_t base, std::uint32_t offset, std::uint32_t length,
                      std::uint32_t to = NFT_REG_1) {
        auto* expr = add("payload");
        nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_BASE, base);
        nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_OFFSET, offset);
        nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_LEN, length);
        nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_DREG, to);
    }

    template <typename Value>
    void compare(std::uint32_t op, Value value) {
        auto* expr = add("cmp");
        nftnl_expr_set_u32(expr, NFTNL_EXPR_CMP_SREG, NFT_REG_1);
        nftnl_expr_set_u32(expr, NFTNL_EXPR_CMP_OP, op);
        nftnl_expr_set(expr, NFTNL_EXPR_CMP_DATA, &value, sizeof value);
    }

    void family_is(Family family) {
        if (layer_ == Layer::bridge) { // where the kernel knows no family of a packet
            load_meta(NFT_META_PROTOCOL);
            compare(NFT_CMP_EQ, htons(family == Family::ipv4 ? kTypeIpv4 : kTypeIpv6));
            return;
        }
        load_meta(NFT_META_NFPROTO);
        compare<std::uint8_t>(NFT_CMP_EQ, family == Family::ipv4 ? NFPROTO_IPV4 : NFPROTO_IPV6);
    }

    void protocol_is(std::uint8_t protocol) {
        load_meta(NFT_META_L4PROTO);
        compare(NFT_CMP_EQ, protocol);
    }

    void load_address(End end, Family family, std::uint32_t to = NFT_REG_1) {
        family_is(family);
        load_payload(NFT_PAYLOAD_NETWORK_HEADER, address_offset(end, family), width_bytes(family),
                     to);
    }

    /// Of the packet that an ICMP error quotes. The rule ends where the packet does.
    void load_quoted(std::uint32_t offset, std::uint32_t length) {
        load_payload(NFT_PAYLOAD_TRANSPORT_HEADER, kQuoted + offset, length);
    }

    nftnl_expr* look_up(const std::string& set, std::uint32_t key = NFT_REG_1) {
        auto* expr = add("lookup");
        nftnl_expr_set_u32(expr, NFTNL_EXPR_LOOKUP_SREG, key);
        nftnl_expr_set_str(expr, NFTNL_EXPR_LOOKUP_SET, set.c_str());
        return expr;
    }

    /// What the map has for the key; the rule ends where it has nothing.
    void look_up(const std::string& map, std::uint32_t key, std::uint32_t result) {
        nftnl_expr_set_u32(look_up(map, key), NFTNL_EXPR_LOOKUP_DREG, result);
    }

    void verdict(int code, const std::string& chain = {}) {
        auto* expr = add("immediate");
        nftnl_expr_set_u32(expr, NFTNL_EXPR_IMM_DREG, NFT_REG_VERDICT);
        nftnl_expr_set_u32(expr, NFTNL_EXPR_IMM_VERDICT, static_cast<std::uint32_t>(code));
        if (!chain.empty()) nftnl_expr_set_str(expr, NFTNL_EXPR_IMM_CHAIN, chain.c_str());
    }

    void reject(std::uint32_t type, std::uint8_t code) {
        auto* expr = add("reject");
        nftnl_expr_set_u32(expr, NFTNL_EXPR_REJECT_TYPE, type);
        nftnl_expr_set_u8(expr, NFTNL_EXPR_REJECT_CODE, code);
    }

    void refer(std::uint32_t type, const std::string& object) {
        auto* expr = add("objref");
        nftnl_expr_set_u32(expr, NFTNL_EXPR_OBJREF_IMM_TYPE, type);
        nftnl_expr_set_str(expr, NFTNL_EXPR_OBJREF_IMM_NAME, object.c_str());
    }

    void icmp_type_is(Family family, std::uint8_t first, std::uint8_t last) {
        family_is(family);
        protocol_is(family == Family::ipv4 ? kIcmp : kIcmp6);
        load_payload(NFT_PAYLOAD_TRANSPORT_HEADER, 0, 1);
        between(first, last);
    }

    template <typename Value>
    void between(Value first, Value last) {
        if (first == last) return compare(NFT_CMP_EQ, first);
        compare(NFT_CMP_GTE, first);
        compare(NFT_CMP_LTE, last);
    }

    /// Of register 1, in network byte order.
    template <typename Mask>
    void keep_bits(Mask mask) {
        const Mask none = 0;
        auto* expr = add("bitwise");
        nftnl_expr_set_u32(expr, NFTNL_EXPR_BITWISE_SREG, NFT_REG_1);
        nftnl_expr_set_u32(expr, NFTNL_EXPR_BITWISE_DREG, NFT_REG_1);
        nftnl_expr_set_u32(expr, NFTNL_EXPR_BITWISE_OP, NFT_BITWISE_BOOL);
        nftnl_expr_set_u32(expr, NFTNL_EXPR_BITWISE_LEN, sizeof none);
        nftnl_expr_set(expr, NFTNL_EXPR_BITWISE_MASK, &mask, sizeof mask);
        nftnl_expr_set(expr, NFTNL_EXPR_BITWISE_XOR, &none, sizeof none);
    }
    template <typename Mask>
    void has_bits(Mask mask) {
        keep_bits(mask);
        compare(NFT_CMP_NEQ, Mask{0});
    }

    void operator()(const OnUntagged& on) {
        load_payload(NFT_PAYLOAD_LL_HEADER, kTypeOffset, 2); // with the tag, where there is one
        compare(NFT_CMP_EQ, htons(on.family == Family::ipv4 ? kTypeIpv4 : kTypeIpv6));
    }
    void operator()(const OnPort& on) {
        protocol_is(static_cast<std::uint8_t>(on.range.transport));
        load_payload(NFT_PAYLOAD_TRANSPORT_HEADER, on.end == End::source ? 0 : 2, 2);
        between(htons(on.range.first), htons(on.range.last)); // compared as bytes
    }
    void operator()(const InSet& in) {
        load_address(in.end, in.family);
        look_up(in.set);
    }
    void operator()(const OnLaterFragment4&) { // RFC 791, section 3.1
        family_is(Family::ipv4);
        load_payload(NFT_PAYLOAD_NETWORK_HEADER, 6, 2);
        has_bits(htons(0x1FFF));
    }
    void operator()(const OnLaterFragment6&) { // RFC 8200, section 4.5
        family_is(Family::ipv6);
        auto* expr = add("exthdr"); // a packet without this header ends the rule
        nftnl_expr_set_u32(expr, NFTNL_EXPR_EXTHDR_DREG, NFT_REG_1);
        nftnl_expr_set_u8(expr, NFTNL_EXPR_EXTHDR_TYPE, IPPROTO_FRAGMENT);
        nftnl_expr_set_u32(expr, NFTNL_EXPR_EXTHDR_OFFSET, 2);
        nftnl_expr_set_u32(expr, NFTNL_EXPR_EXTHDR_LEN, 2);
        nftnl_expr_set_u32(expr, NFTNL_EXPR_EXTHDR_OP, NFT_EXTHDR_OP_IPV6);
        nftnl_expr_set_u32(expr, NFTNL_EXPR_EXTHDR_FLAGS, 0);
        has_bits(htons(0xFFF8));
    }
    void operator()(const OnLoopback& on) {
        load_meta(on.incoming ? NFT_META_IIF : NFT_META_OIF);
        compare(NFT_CMP_EQ, kLoopbackIndex);
    }
    void operator()(const OnNeighbourDiscovery&) { icmp_type_is(Family::ipv6, 133, 137); }
    void operator()(const OverLimit& over) {
        refer(NFT_OBJECT_LIMIT, over.limit); // ends the rule while there is room
    }
    void operator()(const OnTcp&) { protocol_is(IPPROTO_TCP); }
    void operator()(const OnReset&) {
        protocol_is(IPPROTO_TCP);
        load_payload(NFT_PAYLOAD_TRANSPORT_HEADER, kTcpFlagsOffset, 1);
        has_bits(kTcpReset);
    }
    void operator()(const OnUnreachable4&) { icmp_type_is(Family::ipv4, 3, 3); }
    void operator()(const OnUnreachable6&) { icmp_type_is(Family::ipv6, 1, 1); }
    void operator()(const OnIcmp& on) { icmp_type_is(on.family, on.first, on.last); }
    void operator()(const OnQuote& on) {
        on.family == Family::ipv4 ? on_ipv4_quote() : on_ipv6_quote();
    }
    void operator()(const QuotedInSet& in) {
        load_quoted(address_offset(in.end, in.family), width_bytes(in.family));
        look_up(in.set);
    }
    void operator()(const Count& count) { refer(NFT_OBJECT_COUNTER, count.counter); }
    void operator()(const JumpByClass& by) {
        load_address(by.end, by.family, kSecondWord);
        look_up(by.classes, kSecondWord, kFirstWord); // writes both words
        look_up(by.verdicts, kSecondWord, NFT_REG_VERDICT);
        const auto comment = to_user_data(comment_of(by));
        nftnl_rule_set_data(&rule_, NFTNL_RULE_USERDATA, comment.data(),
                            static_cast<std::uint32_t>(comment.size()));
    }
    void operator()(const Accept&) { verdict(NF_ACCEPT); }
    void operator()(const Drop&) { verdict(NF_DROP); }
    void operator()(const Return&) { verdict(NFT_RETURN); }
    void operator()(const Jump& jump) { verdict(NFT_JUMP, jump.chain); }
    void operator()(const GoTo& to) { verdict(NFT_GOTO, to.chain); }
    void operator()(const RejectWithReset&) { reject(NFT_REJECT_TCP_RST, 0); }
    void operator()(const RejectProhibited&) {
        reject(NFT_REJECT_ICMPX_UNREACH, NFT_REJECT_ICMPX_ADMIN_PROHIBITED);
    }

private:
    void on_ipv4_quote() {
        load_quoted(0, 1);
        compare<std::uint8_t>(NFT_CMP_EQ, 0x45); // without options
        load_quoted(2, 2);
        compare(NFT_CMP_GTE, htons(kHeader4 + kQuotedPayload)); // total length
        load_quoted(6, 2);
        keep_bits(htons(0x3FFF)); // more fragments, offset
        compare<std::uint16_t>(NFT_CMP_EQ, 0);
        load_quoted(kHeader4, kQuotedPayload);
    }
    void on_ipv6_quote() {
        load_quoted(0, 1);
        keep_bits<std::uint8_t>(0xF0);
        compare<std::uint8_t>(NFT_CMP_EQ, 0x60);
        load_quoted(4, 2);
        compare(NFT_CMP_GTE, htons(kQuotedPayload)); // payload length
        load_quoted(6, 1);
        for (const std::uint8_t extension :
             {IPPROTO_HOPOPTS, IPPROTO_ROUTING, IPPROTO_FRAGMENT, IPPROTO_DSTOPTS})
            compare(NFT_CMP_NEQ, extension);
        load_quoted(kHeader6, kQuotedPayload);
    }

    nftnl_rule& rule_;
    Layer layer_;
};

} // namespace

std::string comment_of(const JumpByClass& by) { return "class from " + by.classes; }

std::string to_user_data(const std::string& comment) {
    return std::string(1, '\0') + static_cast<char>(comment.size() + 1) + comment + '\0';
}

NftRule to_kernel(const Rule& rule, const std::string& table, const std::string& chain,
                  Layer layer) {
    auto built = own<NftRule>(nftnl_rule_alloc());
    nftnl_rule_set_u32(built.get(), NFTNL_RULE_FAMILY, static_cast<std::uint32_t>(layer));
    nftnl_rule_set_str(built.get(), NFTNL_RULE_TABLE, table.c_str());
    nftnl_rule_set_str(built.get(), NFTNL_RULE_CHAIN, chain.c_str());
    Expressions expressions(*built, layer);
    for (const auto& step : rule) std::visit(expressions, step);
    return built;
}

} // namespace sweepgate::nftables
