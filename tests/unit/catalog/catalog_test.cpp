// SPDX-License-Identifier: Apache-2.0
#include "controlplane/catalog/catalog.hpp"

#include <array>
#include <cstdlib>
#include <fstream>

#include <CppUTest/TestHarness.h>

using namespace sweepgate;

namespace {

const std::string kHead = "id = 'aim'\nname = 'AIM'\noperator = 'AOL'\nera = 'historical'\n"
                          "category = 'im'\ndefault_action = 'block'\n";

std::string fault_of(const std::string& text) {
    const auto entry = parse_system(text, "aim.toml");
    return entry ? "accepted" : entry.error().what;
}

std::string with(std::string text, const std::string& from, const std::string& to) {
    return text.replace(text.find(from), from.size(), to);
}

/// A folder of its own, gone with the value.
class Folder {
public:
    Folder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "catalogXXXXXX").string();
        path_ = ::mkdtemp(pattern.data());
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() { std::filesystem::remove_all(path_); }

    void write(const std::string& name, const std::string& text) const {
        std::ofstream(path_ / name) << text;
    }
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

} // namespace

TEST_GROUP(CatalogSystem){};

TEST(CatalogSystem, IsReadWhole) {
    const auto entry = parse_system(
        kHead + "[dns]\nhostnames = ['B.aol.com', 'a.aol.com']\npatterns = ['e{1..2}.aol.com']\n"
                "suffixes = ['aol.com']\nsrv = ['_xmpp-client._tcp.aol.com']\n"
                "[static]\nprefixes = ['64.12.24.0/23', '2001:db8::/32']\nasns = [1668]\n"
                "[[ports]]\nproto = 'udp'\nports = '5190-5193'\nnote = 'x'\n"
                "[[ports]]\nproto = 'tcp'\nports = '443'\n"
                "[shared]\nhostnames = ['a.aol.com', 'www.aol.com']\nreason = 'web'\n"
                "prefixes = ['198.51.100.0/24']\n"
                "[[sources]]\nref = 'r'\nfact = 'f'\n",
        "aim.toml");
    STRCMP_EQUAL("aim", entry->system.id.c_str());
    STRCMP_EQUAL("AOL", entry->operator_name.c_str());
    CHECK_TRUE(entry->historical);
    CHECK_TRUE(entry->default_action == DefaultAction::block);
    CHECK_EQUAL(2U, entry->system.ports.size());
    CHECK_TRUE(entry->system.ports[0] == (PortRange{Transport::tcp, 443, 443}));
    CHECK_TRUE(entry->system.uses(17, 5192));
    CHECK_EQUAL(2U, entry->static_prefixes.size());
    CHECK_EQUAL(1U, entry->shared_prefixes.size());
    CHECK_EQUAL(1668U, entry->asns.at(0));
    CHECK_EQUAL(1U, entry->srv.size());
    STRCMP_EQUAL("aim.toml", entry->file.c_str());
}

TEST(CatalogSystem, TreatsANameOnBothListsAsShared) {
    const auto entry = parse_system(kHead + "[dns]\nhostnames = ['a.aol.com', 'b.aol.com']\n"
                                            "[shared]\nhostnames = ['a.aol.com']\n",
                                    "aim.toml");
    CHECK_EQUAL(1U, entry->hostnames.size());
    STRCMP_EQUAL("b.aol.com", entry->hostnames[0].c_str());
    CHECK_TRUE(entry->shares("a.aol.com"));
    CHECK_FALSE(entry->shares("b.aol.com"));
}

TEST(CatalogSystem, RefusesNamingFileLineAndValue) {
    STRCMP_EQUAL("aim.toml:7:1: unknown key 'colour'",
                 fault_of(kHead + "colour = 'red'\n").c_str());
    STRCMP_EQUAL("aim.toml:8:1: unknown key 'hostname'; did you mean 'hostnames'?",
                 fault_of(kHead + "[dns]\nhostname = ['a.b']\n").c_str());
    STRCMP_CONTAINS("aim.toml:8:13: ",
                    fault_of(kHead + "[static]\nprefixes = ['10.0.0.1/24']\n").c_str());
    STRCMP_CONTAINS("10.0.0.1/24",
                    fault_of(kHead + "[static]\nprefixes = ['10.0.0.1/24']\n").c_str());
    STRCMP_EQUAL("aim.toml:9:9: ports '70000' is not a port or range within 1..65535",
                 fault_of(kHead + "[[ports]]\nproto = 'tcp'\nports = '70000'\n").c_str());
    STRCMP_EQUAL("aim.toml:9:9: ports '9-1' is not a port or range within 1..65535",
                 fault_of(kHead + "[[ports]]\nproto = 'tcp'\nports = '9-1'\n").c_str());
    STRCMP_EQUAL("aim.toml:8:9: proto 'icmp' is not tcp, udp or sctp; did you mean 'tcp'?",
                 fault_of(kHead + "[[ports]]\nproto = 'icmp'\nports = '1'\n").c_str());
    STRCMP_EQUAL("aim.toml:9:1: hostname 'a..b' has an empty label",
                 fault_of(kHead + "[dns]\nhostnames = ['a.b',\n'a..b']\n").c_str());
    STRCMP_EQUAL("aim.toml:8:9: asns: 0 is not within 1..4294967295",
                 fault_of(kHead + "[static]\nasns = [0]\n").c_str());
}

TEST(CatalogSystem, RefusesABadIdentity) {
    STRCMP_EQUAL("aim.toml:1:6: id 'A I M' is not 1..32 of a-z, 0-9 and '-'",
                 fault_of(with(kHead, "'aim'", "'A I M'")).c_str());
    STRCMP_EQUAL("aim.toml:4:7: era 'bronze' is not current or historical",
                 fault_of(with(kHead, "'historical'", "'bronze'")).c_str());
    STRCMP_EQUAL(
        "aim.toml:6:18: default_action 'drop' is not pass, monitor, limit, reject, block or "
        "sanction; did you mean 'block'?",
        fault_of(with(kHead, "'block'", "'drop'")).c_str());
    STRCMP_EQUAL("aim.toml:1:1: missing key 'operator'",
                 fault_of(with(kHead, "operator = 'AOL'\n", "")).c_str());
}

TEST_GROUP(CatalogFolders) {
    Folder shipped;
    Folder site;

    Result<Catalog> load() {
        const std::array<std::filesystem::path, 2> folders{shipped.path(), site.path()};
        return load_catalog(folders);
    }
};

TEST(CatalogFolders, LaterOnesReplaceAndAdd) {
    shipped.write("aim.toml", kHead);
    site.write("10-ours.toml", with(kHead, "'AIM'", "'Our AIM'"));
    site.write("20-new.toml", with(kHead, "'aim'", "'zzz'"));
    const auto catalog = load();
    CHECK_EQUAL(2U, catalog->systems.size());
    STRCMP_EQUAL("Our AIM", catalog->find("aim")->system.name.c_str());
    CHECK_TRUE(catalog->find("zzz") != nullptr);
    CHECK_TRUE(catalog->find("zz") == nullptr);
}

TEST(CatalogFolders, RefuseAnIdTwiceInOne) {
    shipped.write("a.toml", kHead);
    shipped.write("b.toml", "# a comment\n" + kHead);
    const auto catalog = load();
    CHECK_FALSE(catalog.has_value());
    STRCMP_EQUAL(
        ((shipped.path() / "b.toml").string() + ":2:6: id 'aim' already stands in a.toml").c_str(),
        catalog.error().what.c_str());
}

TEST(CatalogFolders, MayMissExceptTheFirst) {
    shipped.write("aim.toml", kHead);
    const std::array<std::filesystem::path, 2> optional{shipped.path(), site.path() / "none"};
    CHECK_TRUE(load_catalog(optional).has_value());
    const std::array<std::filesystem::path, 1> missing{site.path() / "none"};
    const auto catalog = load_catalog(missing);
    CHECK_TRUE(catalog.error().code == Errc::io);
    STRCMP_EQUAL(
        ("catalog folder " + (site.path() / "none").string() + ": No such file or directory")
            .c_str(),
        catalog.error().what.c_str());
}

TEST(CatalogFolders, RefuseAProtectedHostNearNothing) {
    shipped.write("aim.toml", kHead);
    shipped.write("protected.toml",
                  "[[protected]]\nhostname = 'www.aol.com'\nkind = 'mail'\nnear = ['aimm']\n");
    const auto catalog = load();
    CHECK_FALSE(catalog.has_value());
    STRCMP_EQUAL(((shipped.path() / "protected.toml").string() +
                  ":1:1: near names the unknown system 'aimm'; did you mean 'aim'?")
                     .c_str(),
                 catalog.error().what.c_str());
}

TEST(CatalogFolders, SurviveAFileCutAtEveryByte) {
    const std::string whole = kHead + "[dns]\nhostnames = ['a.aol.com']\n[static]\n"
                                      "prefixes = ['64.12.24.0/23']\n[[ports]]\nproto = 'tcp'\n"
                                      "ports = '5190'\n";
    unsigned accepted = 0;
    for (std::size_t size = 0; size <= whole.size(); ++size)
        if (parse_system(std::string_view(whole).substr(0, size), "cut")) ++accepted;
    CHECK_TRUE(accepted > 0 && accepted < whole.size() / 4);
}
