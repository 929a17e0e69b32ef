import GRDB

extension Row {
    /// The value of a column. Throws where it is no such value, as a damaged file may have it: GRDB's subscripts would end the
    /// process.
    func at<Value: DatabaseValueConvertible & StatementColumnConvertible>(_ index: Int) throws -> Value {
        try decode(atIndex: index)
    }
}
