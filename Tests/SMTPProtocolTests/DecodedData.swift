import SMTPProtocol

/// What a decoder made of some input, in a form that can be compared.
struct DecodedData: Equatable {
    var message: [UInt8] = []
    var findings = DataFindings()
    /// Octets of the input up to and with the true end; nil when there was none.
    var end: Int?
    /// How often the sink was called.
    var runs = 0

    /// Decodes `input` in pieces that end at `cuts`, which ascend.
    init(_ input: [UInt8], cuts: [Int] = [], limit: Int = 1 << 20) {
        var decoder = DataDecoder(limit: limit)
        var start = 0
        for cut in cuts + [input.count] where end == nil {
            let progress = Array(input[start..<cut]).withUnsafeBytes { chunk in
                decoder.decode(chunk) { octets in
                    message.append(contentsOf: octets)
                    runs += 1
                }
            }
            if case .ended(let consumed) = progress { end = start + consumed }
            start = cut
        }
        findings = decoder.findings
    }

    static func == (left: DecodedData, right: DecodedData) -> Bool {
        left.message == right.message && left.findings == right.findings && left.end == right.end
    }

    /// The same reading, octet by octet and as plainly as it can be written: the ground truth for random input.
    static func plainly(_ input: [UInt8]) -> (message: [UInt8], newlines: Int, end: Int?) {
        let (cr, lf, dot) = (UInt8(ascii: "\r"), UInt8(ascii: "\n"), UInt8(ascii: "."))
        var message: [UInt8] = []
        var newlines = 0
        var isLineStart = true
        var index = 0
        func at(_ offset: Int) -> UInt8? { index + offset < input.count ? input[index + offset] : nil }
        while let byte = at(0) {
            if isLineStart, byte == dot {
                if at(1) == cr, at(2) == lf { return (message, newlines, index + 3) }
                index += 1
                isLineStart = false
            } else if byte == cr, at(1) == lf {
                message += [cr, lf]
                index += 2
                isLineStart = true
            } else if byte == cr || byte == lf {
                message += byte == lf ? [cr, lf] : [UInt8(ascii: " ")]
                newlines += 1
                index += 1
                isLineStart = false
            } else {
                message.append(byte)
                index += 1
                isLineStart = false
            }
        }
        return (message, newlines, nil)
    }
}
