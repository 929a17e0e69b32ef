import Foundation
import Testing

@testable import Layover

@Suite struct ConfigurationDescriptionTests {
    private func shipped() throws -> String {
        try String(contentsOf: SourceTree.shippedConfiguration, encoding: .utf8)
    }

    @Test("etc/layover.toml is what `layover config describe` prints")
    func shippedFileIsTheDescription() throws {
        #expect(try shipped() == ConfigurationDescription.text)
    }

    @Test("The file as shipped is right in every section")
    func shippedFileIsRight() throws {
        try requireRight(shipped())
    }

    @Test("The file with every option switched on is right, so every key in it is known and every default fits")
    func everyOptionSwitchedOn() throws {
        try requireRight(switchedOn(shipped()))
    }

    @Test(
        "Every option stands in the file once, below what it does, what follows and its default",
        arguments: ConfigurationOption.all)
    func optionIsExplained(_ option: ConfigurationOption) throws {
        let names = ["<name>": "ox", "<old domain>": "example.fr"]
        let document = try ConfigurationDocument(bytes: Array(switchedOn(shipped()).utf8), file: "layover.toml")
        let key = ConfigurationKey((option.section + [option.name]).map { names[$0] ?? $0 })
        #expect(document.node(at: key) != nil)
        let lines = try shipped().split(separator: "\n", omittingEmptySubsequences: false)
        let comment = lines[..<(document.line(of: key) - 1)].reversed().prefix { $0.hasPrefix("# ") }.reversed()
        let words = comment.map { $0.dropFirst(2) }.joined(separator: " ")
        #expect(words.hasPrefix("\(option.summary) \(option.consequence) "))
        switch option.presence {
        case .required: #expect(words.hasSuffix("Required: \(option.type)."))
        case .defaulted(let value): #expect(words.hasSuffix("Default: \(value.tomlText) (\(option.type))."))
        case .conditional(let text, _): #expect(words.hasSuffix("Default: none; \(text) (\(option.type))."))
        case .optional(let text, _): #expect(words.hasSuffix("Default: \(text) (\(option.type))."))
        }
        #expect(!option.summary.isEmpty && !option.consequence.isEmpty)
    }

    @Test("No option stands in the table twice")
    func optionsAreUnique() {
        let keys = ConfigurationOption.all.map(\.key)
        #expect(Set(keys).count == keys.count)
    }

    private func requireRight(_ text: String) throws {
        let document = try ConfigurationDocument(bytes: Array(text.utf8), file: "layover.toml")
        let configuration = try LayoverConfiguration(document)
        #expect(try configuration.receiveSection() != nil)
        #expect(try configuration.targetSections().keys.sorted() == ["ox"])
        _ = try configuration.requireConsole()
    }

    /// The same lines without the `#` before keys and headers; prose has a blank after it.
    private func switchedOn(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.hasPrefix("#") && !$0.hasPrefix("# ") ? $0.dropFirst() : $0 }
            .joined(separator: "\n")
    }
}
