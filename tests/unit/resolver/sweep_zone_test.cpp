// SPDX-License-Identifier: Apache-2.0
// A resolver learnt from a router advertisement: fe80::53 behind an interface.
#include "resolver/sweep.hpp"

#include <cstdlib>

#include "tests/unit/resolver/check_swept.hpp"
#include "tests/unit/resolver/faulty_server.hpp"
#include "tests/unit/resolver/namespace.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::test;

TEST_GROUP(SweepZone){// The namespace is the program's, so the pair is made once.
                      void setup() override{enter_own_namespace();
CHECK_EQUAL(0, std::system("ip link show sgz0 > /dev/null 2>&1 || ("
                           "ip link add sgz0 type veth peer name sgz1 && "
                           "ip addr add fe80::53/64 dev sgz1 nodad && "
                           "ip link set sgz0 addrgenmode none && "
                           "ip addr add fe80::1/64 dev sgz0 nodad && "
                           "ip link set sgz0 up && ip link set sgz1 up)"));
}
}
;

TEST(SweepZone, ReachesALinkLocalServer) {
    const FaultyServer server("fe80::53%sgz1", {});
    const auto sweeper = Sweeper::create(lab_options({"fe80::53%sgz0"})).value();
    const auto swept = sweep(*sweeper, numbered("good", 20));
    check_all(swept, "NOERROR", 20);
    STRCMP_EQUAL("[fe80::53%sgz0]:53",
                 swept.answers.at({"good-1.test", RrType::a}).resolver.c_str());
}

TEST(SweepZone, ReachesALinkLocalServerOverTcp) {
    const FaultyServer server("fe80::53%sgz1", {.truncate = true});
    const auto sweeper = Sweeper::create(lab_options({"fe80::53%sgz0"})).value();
    check_all(sweep(*sweeper, numbered("good", 20)), "NOERROR", 20);
    CHECK_EQUAL(20U, server.counts().tcp);
}

TEST(SweepZone, OfAnInterfaceThatIsNotThereIsSilent) {
    const auto sweeper = Sweeper::create(lab_options({"fe80::53%sgz9"})).value();
    check_all(sweep(*sweeper, numbered("good", 20)), "TIMEOUT", 20);
}
