// SPDX-License-Identifier: Apache-2.0
// A controller's folder for tests: one system with a published prefix, a policy, no DNS. Everything
// lies below one folder, which goes with the fixture.
#pragma once

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "controlplane/controller/controller.hpp"
#include "controlplane/guard/translated.hpp"
#include "controlplane/wire/keys.hpp"

namespace sweepgate::test {

struct ControllerSite {
    std::filesystem::path root;
    controller::Config config;
    std::unique_ptr<controller::Controller> owner;

    ControllerSite() {
        auto pattern = (std::filesystem::temp_directory_path() / "sg-siteXXXXXX").string();
        root = ::mkdtemp(pattern.data());
        for (const auto* folder : {"catalog", "lists"})
            std::filesystem::create_directory(root / folder);
        write("catalog/testim.toml", system("testim", "93.184.216.0/24"));
        write("policy.toml", kBlock);
        (void)wire::save(wire::SigningKey::generate(), root / "signing.key");
        config.state = root / "state";
        config.policy = root / "policy.toml";
        config.catalog = {root / "catalog"};
        config.signing_key = root / "signing.key";
        config.lists = root / "lists";
        config.resolver.servers = {"127.0.0.1"};
    }
    ControllerSite(const ControllerSite&) = delete;
    ControllerSite& operator=(const ControllerSite&) = delete;
    ~ControllerSite() {
        owner.reset();
        std::filesystem::remove_all(root);
    }

    static constexpr const char* kBlock = "[categories]\nim = \"block\"\n";
    static constexpr const char* kList =
        "[categories]\nim = \"block\"\n[[add]]\nsystem = \"testim\"\nlists = [\"l.txt\"]\n";

    static std::string system(const std::string& id, const std::string& prefix) {
        return "id = \"" + id +
               "\"\nname = \"Test IM\"\noperator = \"nobody\"\nera = \"current\"\ncategory = "
               "\"im\"\ndefault_action = \"block\"\n[static]\nprefixes = [\"" +
               prefix + "\"]\n[[ports]]\nproto = \"tcp\"\nports = \"5222\"\n";
    }
    void write(const std::string& name, const std::string& text) const {
        std::ofstream(root / name) << text;
    }
    [[nodiscard]] std::string read(const std::string& name) const {
        std::ostringstream text;
        text << std::ifstream(root / name).rdbuf();
        return text.str();
    }
    /// Starts (again) as sweepgated does; "" or why it does not.
    std::string start() {
        owner.reset();
        auto opened = controller::Controller::open(config);
        if (!opened) return opened.error().what;
        owner = std::move(*opened);
        const auto news = owner->record({});
        return news ? "" : news.error().what;
    }
    controller::Controller& operator*() const { return *owner; }
    controller::Controller* operator->() const { return owner.get(); }

    /// "93.184.216.0/24 192.0.2.0/24": what is published. In their own form: what
    /// add_translations() added is left out.
    [[nodiscard]] std::string listed() const {
        std::string words;
        const auto view = owner->view();
        if (!view.snapshot) return "nothing";
        const auto nat64 = translation_prefixes(view.policy.nat64);
        for (const auto& entry : view.snapshot->entries)
            if (!is_translated(entry.prefix, nat64))
                words += (words.empty() ? "" : " ") + to_string(entry.prefix);
        return words;
    }
    /// All that does not go on with what it has: "list: l.txt: ...".
    [[nodiscard]] std::string faults() const {
        std::string words;
        for (const auto& fault : owner->start_faults())
            words += (words.empty() ? "" : "; ") + fault.kind + ": " + fault.text;
        return words;
    }
};

} // namespace sweepgate::test
