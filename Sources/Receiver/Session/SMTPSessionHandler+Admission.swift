import Logging
import MailModel
import NIOCore
import SMTPProtocol
import Spool

/// Who is let in: the client that has connected, and each that a gateway names after it.
extension SMTPSessionHandler {
    /// What waits for the verdict on a client.
    private enum Occasion {
        case connection
        case gateway(XCLIENTAttributes)

        var isConnection: Bool { if case .connection = self { true } else { false } }
    }

    /// Lets the client in or turns it away; where blocklists are asked, once they have answered or their time is over.
    func greet(_ address: SocketAddress?) { decide(on: address, for: .connection) }

    /// A gateway speaks for its client from here on.
    func changeClient(_ attributes: XCLIENTAttributes) {
        commands = 0
        guard let text = attributes.address,
            let address = try? SocketAddress(ipAddress: text, port: attributes.port ?? 0)
        else {
            clientNumber += 1
            clientName = attributes.name
            return perform(machine.clientChanged(.welcome, attributes))
        }
        environment.admission.leave(network)
        environment.statistics.close()
        let gateway = client
        clientName = attributes.name
        decide(on: address.unmapped, for: .gateway(attributes))
        environment.logger.debug("client named by a gateway", metadata: ["client": "\(client)", "by": "\(gateway)"])
    }

    /// Counts a client in, and asks the DNS about one that is welcome: blocklists, and its name, which may come late.
    private func decide(on address: SocketAddress?, for occasion: Occasion) {
        // Behind a gateway limits and blocklists are about the client that it names; about itself they would be about everybody.
        let isGateway = occasion.isConnection && mayNameClients
        let verdict = admit(address, isGateway: isGateway)
        listing = nil
        clientNumber += 1
        guard let lookup = environment.lookup, let bits = IPAddressBits(address), !bits.isLoopback, let eventLoop else {
            return welcome(verdict, occasion)
        }
        // Who is turned away is asked about no more.
        guard verdict == .welcome else { return welcome(verdict, occasion) }
        let this = NIOLoopBound(self, eventLoop: eventLoop)
        if lookup.asksBlocklists, !isGateway {
            let listing = lookup.listing(of: bits, on: eventLoop)
            askName(of: bits, lookup, eventLoop)
            listing.whenSuccess { zone in
                this.value.note(listing: zone)
                this.value.welcome(verdict, occasion)
                this.value.resume()
            }
        } else {
            askName(of: bits, lookup, eventLoop)
            welcome(verdict, occasion)
        }
    }

    private func askName(of address: IPAddressBits, _ lookup: ClientLookup, _ eventLoop: any EventLoop) {
        guard lookup.asksNames, clientName == nil else { return }
        let (this, asked) = (NIOLoopBound(self, eventLoop: eventLoop), clientNumber)
        lookup.name(of: address, on: eventLoop).whenSuccess { name in
            if this.value.clientNumber == asked { this.value.clientName = name }
        }
    }

    private func welcome(_ verdict: ConnectionVerdict, _ occasion: Occasion) {
        switch occasion {
        // Who speaks while the lists are asked does not wait for the banner.
        case .connection: perform(machine.connected(verdict, inputIsBuffered: hasSpokenEarly))
        case .gateway(let attributes): perform(machine.clientChanged(verdict, attributes))
        }
    }

    private func note(listing zone: String?) {
        listing = zone
        guard let zone else { return }
        environment.statistics.reach(.blocklists)
        environment.logger.info(
            "client on a blocklist", metadata: ["client": "\(client)", "limit": "blocklists", "zone": "\(zone)"])
    }

    /// Counts the client in. `address` is the one of the socket, or what a gateway has named.
    private func admit(_ address: SocketAddress?, isGateway: Bool) -> ConnectionVerdict {
        client = address?.ipAddress ?? "unknown"
        network = ClientNetwork(address, isGateway: isGateway)
        let (verdict, limit) = environment.admission.admit(network, now: eventLoop?.now ?? .now())
        environment.statistics.open(isWelcome: verdict == .welcome)
        environment.noteSessions()
        if let limit {
            environment.statistics.reach(limit)
            environment.logger.notice(
                "connection refused", metadata: ["client": "\(client)", "limit": "\(limit.rawValue)"])
        }
        return environment.writer.failed == nil ? verdict : .storeUnavailable
    }

    /// The client has sent octets before the banner, read or still in the socket. Behind a load balancer too: what it passes on after its
    /// header is the client's.
    private var hasSpokenEarly: Bool {
        if input.readableBytes > 0 { return true }
        return context.map(EarlyInput.isWaiting) ?? false
    }
}
