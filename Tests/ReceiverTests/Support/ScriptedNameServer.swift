import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import Receiver

/// A name server on loopback that answers as it is told, and NXDOMAIN to everything else.
final class ScriptedNameServer: Sendable {
    enum Answer: Sendable {
        case addresses([[UInt8]])
        case name(String)
        case failure
        case silence
        /// No answer until the test says so.
        case held(String)
        /// Marked as cut off (TC), without records.
        case cutOff
        /// FORMERR to EDNS, an answer without.
        case withoutEDNS
        /// So many records.
        case large(Int)
    }

    let address: SocketAddress
    private let channel: any Channel
    private let counter: Counter

    /// Sends the answers that were held.
    func release() async throws {
        for envelope in counter.held.withLock({ $0 }) { try await channel.writeAndFlush(envelope) }
    }

    /// Answers that are held.
    var held: Int { counter.held.withLock { $0.count } }

    var questions: Int { counter.value.load(ordering: .relaxed) }

    private init(channel: any Channel, address: SocketAddress, counter: Counter) {
        self.channel = channel
        self.address = address
        self.counter = counter
    }

    static func start(_ answers: [String: Answer]) async throws -> ScriptedNameServer {
        let counter = Counter()
        let channel = try await DatagramBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Handler(answers, counter))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return ScriptedNameServer(channel: channel, address: try #require(channel.localAddress), counter: counter)
    }

    func stop() async throws { try await channel.close() }

    private final class Counter: Sendable {
        let value = Atomic<Int>(0)
        let held = Mutex<[AddressedEnvelope<ByteBuffer>]>([])
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = AddressedEnvelope<ByteBuffer>
        typealias OutboundOut = AddressedEnvelope<ByteBuffer>

        private let answers: [String: Answer]
        private let counter: Counter

        init(_ answers: [String: Answer], _ counter: Counter) {
            self.answers = answers
            self.counter = counter
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let envelope = unwrapInboundIn(data)
            counter.value.add(1, ordering: .relaxed)
            var (query, labels) = (envelope.data, [String]())
            guard let id = query.readInteger(as: UInt16.self) else { return }
            query.moveReaderIndex(forwardBy: 8)
            let usesEDNS = query.readInteger(as: UInt16.self) == 1
            while let length = query.readInteger(as: UInt8.self), length > 0 {
                labels.append(query.readString(length: Int(length)) ?? "")
            }
            guard let number = query.readInteger(as: UInt16.self), let type = DNSQuestion.RecordType(rawValue: number)
            else { return }
            let question = DNSQuestion(name: labels.joined(separator: "."), type: type)
            guard let reply = reply(to: question, id, usesEDNS) else { return }
            let answer = AddressedEnvelope(remoteAddress: envelope.remoteAddress, data: reply)
            if case .held = answers[question.name] { return counter.held.withLock { $0.append(answer) } }
            context.writeAndFlush(wrapOutboundOut(answer), promise: nil)
        }

        private func reply(to question: DNSQuestion, _ id: UInt16, _ usesEDNS: Bool) -> ByteBuffer? {
            switch answers[question.name] {
            case nil: return DNSSample.answer(to: question, id: id, code: 3, records: [])
            case .silence: return nil
            case .failure: return DNSSample.answer(to: question, id: id, code: 2, records: [])
            case .cutOff:
                var reply = DNSSample.answer(to: question, id: id, records: [])
                reply.setInteger(UInt16(0x8380), at: 2)
                return reply
            case .withoutEDNS where usesEDNS: return DNSSample.answer(to: question, id: id, code: 1, records: [])
            case .withoutEDNS:
                return DNSSample.answer(to: question, id: id, records: [(question.type.rawValue, 60, [127, 0, 0, 2])])
            case .large(let count):
                let whole = DNSSample.answer(
                    to: question, id: id,
                    records: (0..<count).map { _ in (question.type.rawValue, 60, [127, 0, 0, 2]) })
                // A server keeps to what the client can take (RFC 6891 §6.2.5).
                guard whole.readableBytes <= (usesEDNS ? 1232 : 512) else { return nil }
                return whole
            case .addresses(let all):
                return DNSSample.answer(to: question, id: id, records: all.map { (question.type.rawValue, 60, $0) })
            case .name(let name), .held(let name):
                var octets: [UInt8] = []
                for label in name.split(separator: ".") { octets += [UInt8(label.utf8.count)] + Array(label.utf8) }
                return DNSSample.answer(to: question, id: id, records: [(question.type.rawValue, 60, octets + [0])])
            }
        }
    }
}
