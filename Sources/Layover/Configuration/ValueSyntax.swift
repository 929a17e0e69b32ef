/// How values of one kind are written, and how they become a Swift value.
struct ValueSyntax<Value: Sendable>: Sendable {
    /// The kind in a few words, for people: `size`.
    let type: String
    let parse: @Sendable (ConfigurationNode) throws(ValueMistake) -> Value
}

extension ValueSyntax {
    /// A kind of value that is written as text. `parse` gives nil for text that does not fit.
    static func text(
        _ type: String, remedy: String, _ parse: @escaping @Sendable (String) -> Value?
    ) -> ValueSyntax<Value> {
        ValueSyntax(type: type) { node throws(ValueMistake) in
            guard case .string(let text) = node, let value = parse(text) else {
                let article = type.first.map("aeiou".contains) ?? false ? "an" : "a"
                throw ValueMistake("\(node.shown) is not \(article) \(type)", remedy: remedy)
            }
            return value
        }
    }

    /// The same kind with a further condition; `check` gives what is wrong, if anything.
    func limited(_ check: @escaping @Sendable (Value) -> ValueMistake?) -> ValueSyntax<Value> {
        ValueSyntax(type: type) { node throws(ValueMistake) in
            let value = try parse(node)
            if let mistake = check(value) { throw mistake }
            return value
        }
    }

    /// A list with at least one element and none twice; `type` names it in the plural: `list of domains`.
    func list(_ listType: String) -> ValueSyntax<[Value]> where Value: Hashable {
        ValueSyntax<[Value]>(type: listType) { node throws(ValueMistake) in
            guard case .list(let elements) = node else {
                throw ValueMistake("\(node.shown) is not a list", remedy: "put the values in brackets: [\"…\", \"…\"]")
            }
            var values: [Value] = []
            for (index, element) in elements.enumerated() {
                values.append(try value(of: element, at: index, besides: values))
            }
            guard !values.isEmpty else { throw ValueMistake("the list is empty", remedy: "name at least one \(type)") }
            return values
        }
    }

    private func value(
        of element: ConfigurationNode, at index: Int, besides others: [Value]
    ) throws(ValueMistake) -> Value where Value: Hashable {
        do throws(ValueMistake) {
            let value = try parse(element)
            guard !others.contains(value) else {
                throw ValueMistake("\(element.shown) stands in the list twice", remedy: "keep one of the two")
            }
            return value
        } catch {
            var mistake = error
            mistake.element = index
            throw mistake
        }
    }
}
