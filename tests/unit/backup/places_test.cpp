// SPDX-License-Identifier: Apache-2.0
#include "controlplane/backup/places.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::backup;

TEST_GROUP(Places){std::string fault(const char* one, const char* two)
                       const {const Place first{"state", one, true};
const Place second{"lists", two, true};
const auto checked = check_targets({&first, &second});
return checked ? "" : checked.error().what;
}
}
;

TEST(Places, OfOneConfigurationAreFoundByName) {
    const auto config = controller::parse_config("state = \"/var/lib/x/state/\"\n", "test").value();
    const auto places = places_of(config, "/etc/sweepgate/sweepgated.toml");
    STRCMP_EQUAL("/var/lib/x/state/policies/1",
                 find_place(places, "state/policies/1").path.string().c_str());
    STRCMP_EQUAL("/etc/sweepgate/catalog.d/a",
                 find_place(places, "catalog/1/a").path.string().c_str());
    POINTERS_EQUAL(nullptr, find_place(places, "catalog/0/a").place); // a package's
    for (const auto* name : {"state", "statex/a", "config", "config/other", "keys/admin.key"})
        POINTERS_EQUAL(nullptr, find_place(places, name).place);
}

TEST(Places, AreNoFolderOfTheRootAndNotInEachOther) {
    STRCMP_EQUAL("", fault("/var/lib/a", "/var/lib/b").c_str());
    STRCMP_EQUAL("", fault("/var/lib/a", "/var/lib/ab").c_str());
    STRCMP_CONTAINS("/etc is no place", fault("/etc", "/var/lib/b").c_str());
    STRCMP_CONTAINS("/ is no place", fault("/", "/var/lib/b").c_str());
    STRCMP_CONTAINS("lies in", fault("/var/lib/a", "/var/lib/a/b").c_str());
    STRCMP_CONTAINS("lies in", fault("/var/lib/a", "/var/lib/a").c_str());
}

TEST(Places, OfAStateFolderLeaveOutWhatPasses) {
    for (const auto* file : {"lock", "restored.json", "backup-copies", "book.sqlite",
                             "book.sqlite-wal", "watch.sqlite.damaged", "published.last-good.new"})
        CHECK_TRUE(is_passing(file));
    for (const auto* file : {"published.last-good", "policies", "signing.key.pub"})
        CHECK_FALSE(is_passing(file));
}
