// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/resolver/zone.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "tests/unit/resolver/wire_text.hpp"

namespace sweepgate::test {

namespace {

constexpr std::uint32_t kNegativeTtl = 60;
constexpr std::uint32_t kPool = 0xC6120000; // 198.18.0.0/15, for benchmarks (RFC 2544)

} // namespace

Zone::Zone(unsigned names, unsigned seed) : bits_(seed) {
    names_.reserve(names);
    for (unsigned number = 0; number < names; ++number) add(number);
    for (std::size_t left = names_.size(); left > 1; --left) // std::shuffle differs by library
        std::swap(names_[left - 1], names_[bits_() % left]);
}

std::uint32_t Zone::a_ttl() {
    constexpr std::array<std::uint32_t, 8> kTtls = {5, 20, 30, 60, 120, 300, 900, 3600};
    return kTtls[below(kTtls.size())];
}

void Zone::add(unsigned number) {
    const auto kind = below(1000);
    const auto label = "n" + std::to_string(number) + "-edge.v" + std::to_string(below(200));
    Truth truth;
    std::string zone = ".sweep.test";
    if (kind < 230) {
        add_chain(label, truth);
    } else if (kind < 245) {
        add_addresses(label, 30, truth);
    } else if (kind < 250) {
        add_addresses(label, 100, truth);
    } else if (kind < 290) {
        truth = {Outcome::nxdomain, {}, {}, kNegativeTtl, 0};
    } else if (kind < 330) {
        text_ += label + (kind < 310 ? " TXT \"no address\"\n" : " AAAA 2001:db8::1\n");
        truth = {Outcome::nodata, {}, {}, kNegativeTtl, 0};
    } else if (kind < 340) {
        zone = ".fail.test";
        truth = {Outcome::servfail, {}, {}, 0, 0};
    } else {
        add_addresses(label, 1 + below(8), truth);
        if (kind < 360) truth.lost_percent = kind < 350 ? 30 : 100;
    }
    names_.push_back(label + zone);
    truths_.emplace(names_.back(), std::move(truth));
}

void Zone::add_addresses(const std::string& owner, unsigned count, Truth& truth) {
    const auto ttl = a_ttl();
    const auto first = below(0x20000);
    for (unsigned k = 0; k < count; ++k) { // an odd stride: no address twice
        truth.addresses.push_back(ipv4(kPool + (first + k * 4099) % 0x20000));
        text_ += owner + " " + std::to_string(ttl) + " A " + to_string(truth.addresses.back());
        text_ += '\n';
    }
    std::ranges::sort(truth.addresses);
    truth.ttl = truth.chain.empty() ? ttl : std::min(truth.ttl, ttl);
}

void Zone::add_chain(const std::string& label, Truth& truth) {
    auto owner = label;
    const auto hops = 1 + below(5);
    truth.ttl = 3600;
    for (unsigned hop = 0; hop < hops; ++hop) {
        const auto target = "h" + std::to_string(hop) + "." + label + ".cdn";
        const auto ttl = a_ttl();
        text_ += owner + " " + std::to_string(ttl) + " CNAME " + target + "\n";
        truth.chain.push_back(target + ".sweep.test");
        truth.ttl = std::min(truth.ttl, ttl);
        owner = target;
    }
    add_addresses(owner, 1 + below(8), truth);
}

std::vector<std::string> Zone::sound_names() const {
    std::vector<std::string> sound;
    std::ranges::copy_if(names_, std::back_inserter(sound), [this](const std::string& name) {
        const auto& truth = truths_.at(name);
        return truth.lost_percent == 0 && truth.outcome != Outcome::servfail;
    });
    return sound;
}

const Truth* Zone::find(const std::string& name) const {
    const auto found = truths_.find(name);
    return found == truths_.end() ? nullptr : &found->second;
}

std::string difference(const Truth& truth, const Answer& answer) {
    if (answer.outcome == Outcome::timeout && truth.lost_percent > 0) return "";
    auto addresses = answer.addresses;
    std::ranges::sort(addresses);
    if (answer.outcome != truth.outcome || truth.lost_percent == 100)
        return "outcome " + std::string(to_string(answer.outcome));
    if (answer.chain != truth.chain) return "chain " + joined(answer.chain);
    if (addresses != truth.addresses) return "addresses " + joined(answer.addresses);
    if (answer.ttl != truth.ttl) return "ttl " + std::to_string(answer.ttl);
    return "";
}

} // namespace sweepgate::test
