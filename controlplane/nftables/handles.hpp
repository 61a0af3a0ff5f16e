// SPDX-License-Identifier: Apache-2.0
// Owners for the objects of libnftnl and libmnl.
#pragma once

#include <memory>

#include <libmnl/libmnl.h>
#include <libnftnl/chain.h>
#include <libnftnl/expr.h>
#include <libnftnl/flowtable.h>
#include <libnftnl/object.h>
#include <libnftnl/rule.h>
#include <libnftnl/set.h>
#include <libnftnl/table.h>

namespace sweepgate::nftables {

template <auto Free>
struct Freer {
    void operator()(auto* raw) const noexcept { Free(raw); }
};

using MnlSocket = std::unique_ptr<mnl_socket, Freer<mnl_socket_close>>;
using NftTable = std::unique_ptr<nftnl_table, Freer<nftnl_table_free>>;
using NftChain = std::unique_ptr<nftnl_chain, Freer<nftnl_chain_free>>;
using NftRule = std::unique_ptr<nftnl_rule, Freer<nftnl_rule_free>>;
using NftSet = std::unique_ptr<nftnl_set, Freer<nftnl_set_free>>;
using NftObject = std::unique_ptr<nftnl_obj, Freer<nftnl_obj_free>>;
using NftFlowtable = std::unique_ptr<nftnl_flowtable, Freer<nftnl_flowtable_free>>;
using NftElementWalk = std::unique_ptr<nftnl_set_elems_iter, Freer<nftnl_set_elems_iter_destroy>>;
using NftExprWalk = std::unique_ptr<nftnl_expr_iter, Freer<nftnl_expr_iter_destroy>>;

/// libnftnl allocates only in its *_alloc functions and reports failure as nullptr.
template <typename Owner>
[[nodiscard]] Owner own(typename Owner::pointer raw) {
    if (raw == nullptr) throw std::bad_alloc();
    return Owner(raw);
}

} // namespace sweepgate::nftables
