// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/round.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::controller;

namespace {

CatalogSystem system_with_srv(const std::string& id, DefaultAction action) {
    CatalogSystem entry;
    entry.system.id = id;
    entry.default_action = action;
    entry.srv = {"_xmpp-client._tcp." + id + ".example"};
    return entry;
}

} // namespace

TEST_GROUP(Round){};

TEST(Round, AsksForServicesOfWhatIsStoppedOrSanctionedOnly) {
    Catalog catalog;
    catalog.systems = {system_with_srv("blocked", DefaultAction::block),
                       system_with_srv("passed", DefaultAction::pass),
                       system_with_srv("sanctioned", DefaultAction::sanction)};
    const auto owners = srv_owners(catalog, Policy{});
    CHECK_EQUAL(2U, owners.size());
    STRCMP_EQUAL("_xmpp-client._tcp.blocked.example", owners[0].name.c_str());
    STRCMP_EQUAL("sanctioned", owners[1].system.c_str());
}
