// SPDX-License-Identifier: Apache-2.0
// rte_fib, rte_lpm, rte_hash and rte_acl behind Peer. What each cannot hold is in its remark.
#include <algorithm>
#include <cstring>

#include <rte_acl.h>
#include <rte_errno.h>
#include <rte_fib.h>
#include <rte_hash.h>
#include <rte_hash_crc.h>
#include <rte_lpm.h>
#include <rte_mbuf.h>
#include <rte_vect.h>

#include "dataplane/bench/peer.hpp"

namespace sweepgate::bench {

namespace {

constexpr std::uint8_t kListed = 1; // what a table holds for each prefix

template <auto Free>
struct Freer {
    void operator()(auto* raw) const noexcept { Free(raw); }
};
using Fib = std::shared_ptr<rte_fib>;
using Lpm = std::shared_ptr<rte_lpm>;
using Hash = std::unique_ptr<rte_hash, Freer<rte_hash_free>>;
using Acl = std::unique_ptr<rte_acl_ctx, Freer<rte_acl_free>>;

tl::unexpected<Error> refused(const std::string& what, int error) {
    return fail(Errc::unavailable, what + ": " + rte_strerror(error));
}

/// Two answers a packet: bit i is set when one of packet i's is not `miss`.
template <typename Answer>
std::uint64_t any_of_two(const Answer* answers, std::size_t count, Answer miss) {
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < count; ++i)
        bits |= std::uint64_t{answers[2 * i] != miss || answers[2 * i + 1] != miss} << i;
    return bits;
}

std::uint32_t value_of(const Prefix& prefix) {
    return static_cast<std::uint32_t>(prefix.address.value);
}

/// Groups of 256 that a table with 24 bits at its first level needs below it.
std::uint32_t groups_of_24(const Snapshot& snapshot) {
    std::uint32_t groups = 0;
    std::uint64_t last = ~std::uint64_t{0};
    for (const auto& entry : snapshot.entries) {
        const std::uint64_t top = value_of(entry.prefix) >> 8U;
        if (entry.prefix.length <= 24 || top == last) continue;
        last = top;
        ++groups;
    }
    return groups;
}

class FibPeer : public Peer {
public:
    FibPeer(Fib fib, rte_fib_lookup_type type, std::string name)
        : fib_(std::move(fib)), type_(type), name_(std::move(name)) {}
    std::string name() const override { return name_; }
    void prepare() override { rte_fib_select_lookup(fib_.get(), type_); }
    std::uint64_t listed(rte_mbuf* const* mbufs, std::size_t count) override {
        read_addresses(mbufs, count, addresses_);
        rte_fib_lookup_bulk(fib_.get(), addresses_.values.data(), hops_.data(),
                            static_cast<int>(2 * count));
        return any_of_two(hops_.data(), count, std::uint64_t{0});
    }

private:
    Fib fib_;
    rte_fib_lookup_type type_;
    std::string name_;
    Addresses addresses_;
    std::array<std::uint64_t, 2 * filter::kMaxBurst> hops_;
};

class LpmBulk : public Peer {
public:
    explicit LpmBulk(Lpm lpm) : lpm_(std::move(lpm)) {}
    std::string name() const override { return "rte_lpm bulk"; }
    std::uint64_t listed(rte_mbuf* const* mbufs, std::size_t count) override {
        read_addresses(mbufs, count, addresses_);
        rte_lpm_lookup_bulk(lpm_.get(), addresses_.values.data(), hops_.data(),
                            static_cast<unsigned>(2 * count));
        std::uint64_t bits = 0;
        for (std::size_t i = 0; i < count; ++i)
            bits |= std::uint64_t{((hops_[2 * i] | hops_[2 * i + 1]) & RTE_LPM_LOOKUP_SUCCESS) != 0}
                    << i;
        return bits;
    }

private:
    Lpm lpm_;
    Addresses addresses_;
    std::array<std::uint32_t, 2 * filter::kMaxBurst> hops_;
};

class LpmFour : public Peer {
public:
    explicit LpmFour(Lpm lpm) : lpm_(std::move(lpm)) {}
    std::string name() const override { return "rte_lpm x4"; }
    std::uint64_t listed(rte_mbuf* const* mbufs, std::size_t count) override {
        read_addresses(mbufs, count, addresses_);
        // An odd packet at the end shares its step with what an earlier burst left there.
        for (std::size_t i = 0; i < 2 * count; i += 4) {
            xmm_t four;
            std::memcpy(&four, &addresses_.values[i], sizeof four);
            rte_lpm_lookupx4(lpm_.get(), four, &hops_[i], 0);
        }
        return any_of_two(hops_.data(), count, std::uint32_t{0});
    }

private:
    Lpm lpm_;
    Addresses addresses_{};
    std::array<std::uint32_t, 2 * filter::kMaxBurst> hops_{};
};

class HashPeer : public Peer {
public:
    explicit HashPeer(Hash hash) : hash_(std::move(hash)) {}
    std::string name() const override { return "rte_hash bulk"; }
    std::uint64_t listed(rte_mbuf* const* mbufs, std::size_t count) override {
        read_addresses(mbufs, count, addresses_);
        for (std::size_t i = 0; i < 2 * count; ++i) keys_[i] = &addresses_.values[i];
        for (std::size_t i = 0; i < 2 * count; i += RTE_HASH_LOOKUP_BULK_MAX) {
            const auto keys = std::min<std::size_t>(2 * count - i, RTE_HASH_LOOKUP_BULK_MAX);
            rte_hash_lookup_bulk(hash_.get(), &keys_[i], static_cast<std::uint32_t>(keys),
                                 &found_[i]);
        }
        std::uint64_t bits = 0;
        for (std::size_t i = 0; i < count; ++i)
            bits |= std::uint64_t{found_[2 * i] >= 0 || found_[2 * i + 1] >= 0} << i;
        return bits;
    }

private:
    Hash hash_;
    Addresses addresses_;
    std::array<const void*, 2 * filter::kMaxBurst> keys_;
    std::array<std::int32_t, 2 * filter::kMaxBurst> found_;
};

class AclPeer : public Peer {
public:
    AclPeer(Acl acl, std::string name) : acl_(std::move(acl)), name_(std::move(name)) {}
    std::string name() const override { return name_; }
    std::uint64_t listed(rte_mbuf* const* mbufs, std::size_t count) override {
        read_addresses(mbufs, count, addresses_);
        rte_acl_classify(acl_.get(), addresses_.bytes.data(), results_.data(),
                         static_cast<std::uint32_t>(2 * count), 1);
        return any_of_two(results_.data(), count, std::uint32_t{0});
    }

private:
    Acl acl_;
    std::string name_;
    Addresses addresses_;
    std::array<std::uint32_t, 2 * filter::kMaxBurst> results_;
};

RTE_ACL_RULE_DEF(AclRule, 2);

/// The first field of a rule must be one byte: any value of the address' own first one.
constexpr std::array<rte_acl_field_def, 2> kAclFields{
    {{RTE_ACL_FIELD_TYPE_BITMASK, 1, 0, 0, 0}, {RTE_ACL_FIELD_TYPE_MASK, 4, 1, 1, 0}}};

AclRule acl_rule(const Prefix& prefix) {
    AclRule rule{};
    rule.data.category_mask = 1;
    rule.data.priority = 1;
    rule.data.userdata = kListed;
    rule.field[0].value.u8 = 0; // any byte
    rule.field[0].mask_range.u8 = 0;
    rule.field[1].value.u32 = value_of(prefix);
    rule.field[1].mask_range.u32 = prefix.length;
    return rule;
}

Status build_acl(rte_acl_ctx& acl, const Snapshot& snapshot) {
    for (const auto& entry : snapshot.entries) {
        const auto rule = acl_rule(entry.prefix);
        if (const int error =
                rte_acl_add_rules(&acl, reinterpret_cast<const rte_acl_rule*>(&rule), 1);
            error != 0)
            return refused("rte_acl_add_rules", -error);
    }
    rte_acl_config config{};
    config.num_categories = 1;
    config.num_fields = kAclFields.size();
    std::copy(kAclFields.begin(), kAclFields.end(), config.defs);
    if (const int error = rte_acl_build(&acl, &config); error != 0)
        return refused("rte_acl_build", -error);
    return {};
}

} // namespace

Result<LoadedPeers> make_fib(const Snapshot& snapshot) {
    rte_fib_conf config{};
    config.type = RTE_FIB_DIR24_8;
    config.max_routes = static_cast<int>(snapshot.entries.size() + 1);
    config.dir24_8.nh_sz = RTE_FIB_DIR24_8_4B; // 2 bytes hold too few groups for 100k hosts
    config.dir24_8.num_tbl8 = groups_of_24(snapshot) + 1;
    const Fib fib(rte_fib_create("bench", 0, &config), Freer<rte_fib_free>());
    if (!fib) return refused("rte_fib_create", rte_errno);
    for (const auto& entry : snapshot.entries)
        if (const int error =
                rte_fib_add(fib.get(), value_of(entry.prefix), entry.prefix.length, kListed);
            error != 0)
            return refused("rte_fib_add", -error);
    LoadedPeers made;
    made.loaded = snapshot.entries.size();
    made.peers.push_back(std::make_unique<FibPeer>(fib, RTE_FIB_LOOKUP_DIR24_8_SCALAR_MACRO,
                                                   "rte_fib DIR24_8, scalar"));
    if (rte_fib_select_lookup(fib.get(), RTE_FIB_LOOKUP_DIR24_8_VECTOR_AVX512) == 0)
        made.peers.push_back(std::make_unique<FibPeer>(fib, RTE_FIB_LOOKUP_DIR24_8_VECTOR_AVX512,
                                                       "rte_fib DIR24_8, AVX-512"));
    else
        made.remark = "no AVX-512 here";
    return made;
}

Result<LoadedPeers> make_lpm(const Snapshot& snapshot) {
    rte_lpm_config config{};
    config.max_rules = static_cast<std::uint32_t>(snapshot.entries.size() + 1);
    config.number_tbl8s = groups_of_24(snapshot) + 1;
    const Lpm lpm(rte_lpm_create("bench", SOCKET_ID_ANY, &config), Freer<rte_lpm_free>());
    if (!lpm) return refused("rte_lpm_create", rte_errno);
    for (const auto& entry : snapshot.entries)
        if (const int error =
                rte_lpm_add(lpm.get(), value_of(entry.prefix), entry.prefix.length, kListed);
            error != 0)
            return refused("rte_lpm_add", -error);
    LoadedPeers made;
    made.loaded = snapshot.entries.size();
    made.peers.push_back(std::make_unique<LpmBulk>(lpm));
    made.peers.push_back(std::make_unique<LpmFour>(lpm));
    return made;
}

Result<LoadedPeers> make_hash(const Snapshot& snapshot) {
    rte_hash_parameters parameters{};
    parameters.name = "bench";
    parameters.entries = static_cast<std::uint32_t>(snapshot.entries.size());
    parameters.key_len = sizeof(std::uint32_t);
    parameters.hash_func = rte_hash_crc;
    parameters.socket_id = 0;
    Hash hash(rte_hash_create(&parameters));
    if (!hash) return refused("rte_hash_create", rte_errno);
    LoadedPeers made;
    std::size_t failed = 0;
    for (const auto& entry : snapshot.entries) {
        if (entry.prefix.length != 32) continue;
        const auto key = value_of(entry.prefix);
        rte_hash_add_key(hash.get(), &key) >= 0 ? ++made.loaded : ++failed;
    }
    made.remark = "hosts only";
    if (failed > 0) made.remark += ", " + std::to_string(failed) + " found no place";
    made.peers.push_back(std::make_unique<HashPeer>(std::move(hash)));
    return made;
}

Result<LoadedPeers> make_acl(const Snapshot& snapshot) {
    constexpr std::array<std::pair<enum rte_acl_classify_alg, const char*>, 3> kWays{
        {{RTE_ACL_CLASSIFY_AVX512X32, "rte_acl, AVX-512 x32"},
         {RTE_ACL_CLASSIFY_AVX2, "rte_acl, AVX2"},
         {RTE_ACL_CLASSIFY_SSE, "rte_acl, SSE"}}};
    rte_acl_param parameters{};
    parameters.name = "bench";
    parameters.socket_id = SOCKET_ID_ANY;
    parameters.rule_size = RTE_ACL_RULE_SZ(kAclFields.size());
    parameters.max_rule_num = static_cast<std::uint32_t>(snapshot.entries.size());
    Acl acl(rte_acl_create(&parameters));
    if (!acl) return refused("rte_acl_create", rte_errno);
    if (auto ok = build_acl(*acl, snapshot); !ok) return tl::unexpected(ok.error());
    LoadedPeers made;
    made.loaded = snapshot.entries.size();
    for (const auto& [way, name] : kWays) // the best that this processor has
        if (made.peers.empty() && rte_acl_set_ctx_classify(acl.get(), way) == 0)
            made.peers.push_back(std::make_unique<AclPeer>(std::move(acl), name));
    if (made.peers.empty())
        return fail(Errc::unavailable, "rte_acl has no vector code for this processor");
    return made;
}

} // namespace sweepgate::bench
