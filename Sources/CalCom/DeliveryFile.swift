import Domain

/// A file of deliveries, as an operator hands it over.
public enum DeliveryFile {
    /// Cuts a file into the bodies of its deliveries, each with its exact bytes.
    ///
    /// | file                                        | bodies                                   |
    /// |---------------------------------------------|------------------------------------------|
    /// | a JSON array                                | its elements                             |
    /// | another JSON value                          | the file                                 |
    /// | lines, at least one of them a JSON object   | every line that is not blank             |
    /// | anything else, also nothing                 | the file, which will prove malformed     |
    ///
    /// - Parameter bytes: The file, UTF-8.
    /// - Returns: The bodies in the order of the file, as slices of it.
    public static func split(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        do throws(JSONError) {
            if let ranges = try JSON.elementRanges(of: bytes) { return ranges.map { bytes[$0] } }
            _ = try JSON(parsing: bytes)
            return [bytes[...]]
        } catch {
            let lines = lines(of: bytes)
            return lines.contains(where: isObject) ? lines : [bytes[...]]
        }
    }

    private static func lines(of bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        bytes.split(separator: UInt8(ascii: "\n")).map(trimmed).filter { !$0.isEmpty }
    }

    private static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let isSpace: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
        var rest = line.drop(while: isSpace)
        while let last = rest.last, isSpace(last) { rest = rest.dropLast() }
        return rest
    }

    private static func isObject(_ line: ArraySlice<UInt8>) -> Bool {
        do throws(JSONError) {
            if case .object = try JSON(parsing: line) { return true }
            return false
        } catch {
            return false
        }
    }
}
