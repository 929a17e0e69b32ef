public import NIOCore

/// What the DNS knows of a client: whether blocklists name it, and its own name.
final class ClientLookup: Sendable {
    private let dns: DNSClient
    private let blocklists: BlocklistConfiguration
    /// Also its own name is asked for, for `Received:`.
    let asksNames: Bool

    init(dns: DNSClient, blocklists: BlocklistConfiguration, asksNames: Bool) {
        self.dns = dns
        self.blocklists = blocklists
        self.asksNames = asksNames
    }

    var asksBlocklists: Bool { !blocklists.zones.isEmpty }

    /// The zone with the most weight among those that list the client, where all of them together reach the threshold; else nil.
    /// Answers within ``BlocklistConfiguration/wait``: a list that has not answered by then does not list.
    /// Called on the event loop.
    func listing(of address: IPAddressBits, on eventLoop: any EventLoop) -> EventLoopFuture<String?> {
        let promise = eventLoop.makePromise(of: String?.self)
        let tally = NIOLoopBound(Tally(), eventLoop: eventLoop)
        let (threshold, zones) = (blocklists.threshold, blocklists.zones)
        let timeout = eventLoop.scheduleTask(in: blocklists.wait) {
            promise.succeed(tally.value.verdict(threshold: threshold))
        }
        let answers = zones.map { zone in
            let question = DNSQuestion(name: DNSQuestion.reversed(address, below: zone.name), type: .a)
            return dns.ask(question, for: .blocklists, on: eventLoop).map { answer in
                if answer?.addresses.contains(where: Self.meansListed) == true { tally.value.listings.append(zone) }
            }
        }
        EventLoopFuture.andAllSucceed(answers, on: eventLoop).whenComplete { _ in
            timeout.cancel()
            promise.succeed(tally.value.verdict(threshold: threshold))
        }
        return promise.futureResult
    }

    /// RFC 5782 §2.1: 127.0.0.0/8. Not 127.0.0.1, which a wildcard gives, and not 127.255.255.x, which says that we may not ask.
    private static func meansListed(_ octets: [UInt8]) -> Bool {
        octets.count == 4 && octets[0] == 127 && !(octets[1] == 255 && octets[2] == 255) && octets != [127, 0, 0, 1]
    }

    private final class Tally {
        var listings: [BlocklistConfiguration.Zone] = []

        func verdict(threshold: Int) -> String? {
            guard listings.reduce(0, { $0 + $1.weight }) >= threshold else { return nil }
            return listings.max { $0.weight < $1.weight }?.name
        }
    }

    /// The name that the address has and that has the address (RFC 8601 §2.7.3); nil where there is none, or no answer in time.
    func name(of address: IPAddressBits, on eventLoop: any EventLoop) -> EventLoopFuture<String?> {
        let zone = address.isIPv4 ? "in-addr.arpa" : "ip6.arpa"
        let question = DNSQuestion(name: DNSQuestion.reversed(address, below: zone), type: .ptr)
        let (dns, octets) = (self.dns, address.octets)
        return dns.ask(question, for: .names, on: eventLoop).flatMap { answer in
            guard let name = answer?.names.first else { return eventLoop.makeSucceededFuture(nil) }
            let question = DNSQuestion(name: name, type: address.isIPv4 ? .a : .aaaa)
            return dns.ask(question, for: .names, on: eventLoop).map { answer in
                answer?.addresses.contains(octets) == true ? name : nil
            }
        }
    }
}

/// Which DNS blocklists are asked, and how much each one's word counts.
public struct BlocklistConfiguration: Hashable, Sendable {
    public struct Zone: Hashable, Sendable {
        /// `zen.spamhaus.org`, lower case.
        public var name: String
        public var weight: Int

        public init(name: String, weight: Int) {
            self.name = name
            self.weight = weight
        }
    }

    public var zones: [Zone]
    /// A client is refused when the weights of those that list it reach this.
    public var threshold: Int
    /// A session waits so long for them at the most.
    public var wait: TimeAmount

    public init(zones: [Zone] = [], threshold: Int = 1, wait: TimeAmount = .seconds(2)) {
        self.zones = zones
        self.threshold = threshold
        self.wait = wait
    }
}
