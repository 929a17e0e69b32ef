import Receiver

/// `[receive.blocklists]`: whom others have seen sending spam.
struct BlocklistsSection: Hashable, Sendable {
    let zones: [BlocklistConfiguration.Zone]
    let threshold: Int
    let wait: Duration
    /// Nil: the first one of /etc/resolv.conf.
    let nameServer: ListenAddress?

    init(_ reader: SectionReader) throws(ConfigurationError) {
        zones = try reader.optionalValue(Self.zonesSetting) ?? []
        threshold = try reader.value(Self.thresholdSetting)
        wait = try reader.value(Self.waitSetting)
        nameServer = try reader.optionalValue(Self.nameServerSetting)
    }
}

extension BlocklistsSection {
    static let path = ["receive", "blocklists"]

    static let options = [zonesSetting.option, thresholdSetting.option, waitSetting.option, nameServerSetting.option]

    static let zonesSetting = Setting(
        "zones", in: path, ValueSyntax.blocklist.list("list of zones with their weights"),
        .optional("no blocklist is asked", example: ["zen.spamhaus.org 10", "bl.spamcop.net 5"]),
        summary: "The DNS zones to ask, each with the weight of its word.",
        consequence:
            "A list that errs turns honest mail away for good. Most lists refuse to answer public name servers.")

    static let thresholdSetting = Setting(
        "threshold", in: path, .number(1...1_000), .defaulted(10),
        summary: "A client is refused with 554 when the weights of the zones that list it reach this.",
        consequence: "One heavy zone can be enough, or several light ones be needed together.")

    static let waitSetting = Setting(
        "wait", in: path, .duration(.milliseconds(100) ... .seconds(20)), .defaulted("2 s"),
        summary: "How long the banner is held back for the answers.",
        consequence: "What has not answered by then lists nobody.")

    static let nameServerSetting = Setting(
        "name_server", in: path, .listenAddress, .optional("the first of /etc/resolv.conf", example: "127.0.0.1:53"),
        summary: "The name server to ask, also for reverse_names.",
        consequence: "A resolver of one's own on this host is fast, and is answered by the lists.")
}

extension ValueSyntax where Value == BlocklistConfiguration.Zone {
    static let blocklist = text(
        "zone with its weight", remedy: "write a zone and a weight from 1 to 1000, such as \"zen.spamhaus.org 10\""
    ) { text in
        let words = text.split(separator: " ")
        guard words.count == 2, let name = DomainName.normalized(String(words[0])), let weight = Int(words[1]),
            (1...1_000).contains(weight)
        else { return nil }
        return BlocklistConfiguration.Zone(name: name, weight: weight)
    }
}
