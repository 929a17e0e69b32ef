/// Columns as wide as their widest cell; the last one ragged.
struct TextTable {
    private var rows: [[String]]

    init(_ header: [String]) { rows = [header] }

    mutating func add(_ cells: [String]) { rows.append(cells.map(\.escapedToOneLine)) }

    /// The lines with their line ends.
    var text: String {
        let widths = (0..<(rows.first?.count ?? 0)).map { column in rows.map { $0[column].count }.max() ?? 0 }
        var text = ""
        for row in rows {
            for (column, cell) in row.enumerated() {
                text += column == row.count - 1 ? cell : cell.padded(to: widths[column] + 2)
            }
            text += "\n"
        }
        return text
    }
}

extension String {
    func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
