// SPDX-License-Identifier: Apache-2.0
#include "controlplane/nftables/render.hpp"

#include "controlplane/nftables/encode.hpp"

namespace sweepgate::nftables {

namespace {

std::string family_word(Family family) { return family == Family::ipv4 ? "ip" : "ip6"; }
std::string address_of(End end) { return end == End::source ? "saddr" : "daddr"; }
std::string port_of(End end) { return end == End::source ? "sport" : "dport"; }

struct StepText {
    std::string operator()(const OnUntagged& on) const {
        return "ether type " + family_word(on.family);
    }
    std::string operator()(const OnPort& on) const {
        auto text = std::string(to_string(on.range.transport)) + " " + port_of(on.end) + " " +
                    std::to_string(on.range.first);
        return on.range.first == on.range.last ? text : text + "-" + std::to_string(on.range.last);
    }
    std::string operator()(const InSet& in) const {
        return family_word(in.family) + " " + address_of(in.end) + " @" + in.set;
    }
    std::string operator()(const OnLaterFragment4&) const { return "ip frag-off & 8191 != 0"; }
    std::string operator()(const OnLaterFragment6&) const { return "frag frag-off != 0"; }
    std::string operator()(const OnLoopback& on) const {
        return on.incoming ? "iif \"lo\"" : "oif \"lo\"";
    }
    std::string operator()(const OnNeighbourDiscovery&) const { return "icmpv6 type 133-137"; }
    std::string operator()(const OverLimit& over) const {
        return "limit name \"" + over.limit + "\"";
    }
    std::string operator()(const OnTcp&) const { return "meta l4proto tcp"; }
    std::string operator()(const OnReset&) const { return "tcp flags rst"; }
    std::string operator()(const OnUnreachable4&) const {
        return "icmp type destination-unreachable";
    }
    std::string operator()(const OnUnreachable6&) const {
        return "icmpv6 type destination-unreachable";
    }
    std::string operator()(const OnIcmp& on) const {
        const auto text = std::string(on.family == Family::ipv4 ? "icmp" : "icmpv6") + " type " +
                          std::to_string(on.first);
        return on.first == on.last ? text : text + "-" + std::to_string(on.last);
    }
    // Bits behind the start of the message: nft has no words for a quoted packet, and none at all
    // for the load that only asks whether its payload is there.
    std::string operator()(const OnQuote& on) const {
        if (on.family == Family::ipv4)
            return "@th,64,8 0x45 @th,80,16 >= 0x1c @th,112,16 & 0x3fff == 0x0";
        return "@th,64,8 & 0xf0 == 0x60 @th,96,16 >= 0x8 @th,112,8 != 0x0 @th,112,8 != 0x2b "
               "@th,112,8 != 0x2c @th,112,8 != 0x3c";
    }
    std::string operator()(const QuotedInSet& in) const {
        const auto bits = 8U * width_bytes(in.family);
        const auto source = 64U + (in.family == Family::ipv4 ? 96U : 64U);
        const auto at = in.end == End::source ? source : source + bits;
        return "@th," + std::to_string(at) + "," + std::to_string(bits) + " @" + in.set;
    }
    std::string operator()(const Count& count) const {
        return "counter name \"" + count.counter + "\"";
    }
    std::string operator()(const JumpByClass& by) const {
        return family_word(by.family) + " " + address_of(by.end) + " vmap @" + by.verdicts +
               " comment \"" + comment_of(by) + "\"";
    }
    std::string operator()(const Accept&) const { return "accept"; }
    std::string operator()(const Drop&) const { return "drop"; }
    std::string operator()(const Return&) const { return "return"; }
    std::string operator()(const Jump& jump) const { return "jump " + jump.chain; }
    std::string operator()(const GoTo& to) const { return "goto " + to.chain; }
    std::string operator()(const RejectWithReset&) const { return "reject with tcp reset"; }
    std::string operator()(const RejectProhibited&) const {
        return "reject with icmpx admin-prohibited";
    }
};

std::string range_text(const Range& range) {
    if (range.first == range.last) return to_string(range.first);
    const auto prefixes = to_prefixes(range);
    if (prefixes.size() == 1) return to_string(prefixes.front());
    return to_string(range.first) + "-" + to_string(range.last);
}

/// nft prints a mark as eight hexadecimal digits.
std::string class_text(ClassIndex index) {
    static constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text = "0x0000";
    for (const unsigned shift : {12U, 8U, 4U, 0U})
        text += kDigits[(unsigned{index} >> shift) & 0xFU];
    return text;
}

std::string size_text(std::size_t size) { return "\n\tsize " + std::to_string(size); }

std::string render(const AddressSet& set) {
    std::string text = (set.is_map ? "map " : "set ") + set.name + " {\n\ttype " +
                       (set.family == Family::ipv4 ? "ipv4_addr" : "ipv6_addr") +
                       (set.is_map ? " : mark . mark" : "");
    text += set.shape == Shape::ranges ? "\n\tflags interval" : size_text(set.elements.size());
    text += "\n\telements = { ";
    for (std::size_t i = 0; i < set.elements.size(); ++i) {
        if (i > 0) text += ", ";
        text += range_text(set.elements[i].range);
        if (set.is_map)
            text += " : " + class_text(0) + " . " + class_text(set.elements[i].address_class);
    }
    return text + " }\n}\n";
}

std::string render(const VerdictMap& map) {
    auto text = "map " + map.name + " {\n\ttype mark : verdict" + size_text(map.elements.size()) +
                "\n\telements = { ";
    for (std::size_t i = 0; i < map.elements.size(); ++i) {
        if (i > 0) text += ", ";
        text += class_text(map.elements[i].address_class) + " : jump " + map.elements[i].chain;
    }
    return text + " }\n}\n";
}

std::string render(const Chain& chain) {
    auto text = "chain " + chain.name + " {\n";
    if (!chain.comment.empty()) text += "\tcomment \"" + chain.comment + "\"\n";
    for (const auto& rule : chain.rules) text += "\t" + render(rule) + "\n";
    return text + "}\n";
}

} // namespace

std::string render(const Rule& rule) {
    std::string text;
    for (const auto& step : rule) {
        if (!text.empty()) text += " ";
        text += std::visit(StepText{}, step);
    }
    return text;
}

std::string render(const Program& program) {
    std::string text;
    for (const auto& counter : program.counters) text += "counter " + counter + " {}\n";
    for (const auto& [name, rate] : program.limits)
        text += "limit " + name + " {\n\trate over " + std::to_string(rate) + "/second burst " +
                std::to_string(rate) + " packets\n}\n";
    for (const auto& set : program.sets) text += render(set);
    for (const auto& map : program.verdicts) text += render(map);
    for (const auto& chain : program.chains) text += render(chain);
    return text;
}

} // namespace sweepgate::nftables
