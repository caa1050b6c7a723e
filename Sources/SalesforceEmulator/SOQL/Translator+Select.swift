extension Translator {
    /// Translates the items between SELECT and FROM of a query for records.
    mutating func translateSelection() throws(APIError) {
        let alias = result.from.rootAlias
        result.columns = ["\(alias).\"Id\""]
        for item in query.select {
            switch item {
            case .operand(let operand, _): try select(operand)
            case .allFields(let group, let offset): try selectAll(group, offset)
            case .children(let query): try select(children: query)
            case .typeof(let choice): try select(choice)
            }
        }
    }

    private mutating func select(_ operand: Query.Operand) throws(APIError) {
        let column = try self.column(of: operand)
        let key =
            if case .function(let name, let arguments) = operand, arguments.count == 1,
                !["TOLABEL", "FORMAT", "CONVERTCURRENCY"].contains(name.text.uppercased())
            {
                "expr0"
            } else {
                column.field.name
            }
        try add(column, key: key, at: operand.offset)
    }

    private mutating func add(_ column: Column, key: String, at offset: Int) throws(APIError) {
        let member = member(for: column)
        var shape = result.shape
        let isNew = insert(member, key: key, steps: column.steps[...], into: &shape)
        result.shape = shape
        guard isNew else {
            throw diagnostics.error(
                "INVALID_FIELD",
                "duplicate field selected: \(key)",
                at: offset
            )
        }
    }

    private mutating func member(for column: Column) -> RecordShape.Member {
        guard column.field.type == .address, column.steps.isEmpty else {
            return .value(column: position(of: column.sql), column.field.type)
        }
        return .address(columns: addressColumns(column.field))
    }

    /// The parts of an address, from the fields that its name is the prefix of.
    private mutating func addressColumns(_ field: Field) -> [(key: String, column: Int)] {
        let prefix = field.name.replacing("Address", with: "")
        let parts = [
            "City", "Country", "GeocodeAccuracy", "Latitude", "Longitude", "PostalCode", "State",
            "Street",
        ]
        var columns: [(key: String, column: Int)] = []
        for part in parts {
            guard let field = result.object.field(prefix + part) else { continue }
            let alias = result.from.rootAlias
            let sql = result.from.sql(of: field, in: result.object, alias: alias)
            let key = part.prefix(1).lowercased() + part.dropFirst()
            columns.append((key, position(of: sql)))
        }
        return columns
    }

    /// Puts a member under its relations, making the records on the way.
    ///
    /// - Returns: Whether the key was free.
    private mutating func insert(
        _ member: RecordShape.Member,
        key: String,
        steps: ArraySlice<RelationStep>,
        into shape: inout RecordShape
    ) -> Bool {
        guard let step = steps.first else {
            guard !shape.contains(key) else { return false }
            shape.set(key, member)
            return true
        }
        var parent =
            shape.parent(step.key)
            ?? RecordShape(type: step.type, idColumn: position(of: step.idSQL))
        let isNew = insert(member, key: key, steps: steps.dropFirst(), into: &parent)
        shape.set(step.key, .parent(parent))
        return isNew
    }

    private mutating func selectAll(
        _ group: Query.FieldGroup,
        _ offset: Int
    ) throws(APIError) {
        guard group == .standard || (query.limit ?? .max) <= 200 else {
            throw diagnostics.error(
                "MALFORMED_QUERY",
                "The SOQL FIELDS function must have a LIMIT of at most 200",
                at: offset
            )
        }
        for field in result.object.fields where field.type != .junctionIdList {
            guard group == .all || field.isCustom == (group == .custom) else { continue }
            guard !result.shape.contains(field.name) else { continue }
            let name = Query.Name(text: field.name, offset: offset)
            try add(try result.from.column(name), key: field.name, at: offset)
        }
    }

    private mutating func select(children query: Query) throws(APIError) {
        let relations = context.schema.childRelations(of: result.object)
        let wanted = query.object.text.lowercased()
        guard let relation = relations.first(where: { $0.name.lowercased() == wanted }) else {
            throw diagnostics.error(
                "INVALID_TYPE",
                """
                Didn't understand relationship '\(query.object.text)' in FROM part of query call. \
                If you are attempting to use a custom relationship, be sure to append the '__r' \
                after the custom relationship name. Please reference your WSDL or the describe \
                call for the appropriate names.
                """,
                at: query.object.offset
            )
        }
        let translation = try Translator.translateChildren(query, of: relation, context)
        result.shape.set(relation.name, .children(ChildQuery(translation: translation)))
    }

    private mutating func select(_ choice: Query.TypeOf) throws(APIError) {
        guard let reference = result.object.reference(named: choice.relation.text) else {
            throw diagnostics.noSuchRelation(
                choice.relation.text,
                on: result.object.name,
                at: choice.relation.offset
            )
        }
        let alias = result.from.rootAlias
        let id = position(of: "\(alias).\(Storage.quoted(reference.name))")
        var shapes: [String: RecordShape] = [:]
        for (type, fields) in choice.cases {
            guard let target = context.schema.object(type.text) else {
                throw diagnostics.noSuchObject(type.text, at: type.offset)
            }
            shapes[target.keyPrefix] = try shape(of: target, fields, reference, idColumn: id)
        }
        var otherwise = RecordShape(type: "Name", idColumn: id)
        for name in choice.otherwise {
            let path = Query.Name(text: "\(choice.relation.text).\(name.text)", offset: name.offset)
            let column = try result.from.column(path)
            otherwise.set(
                column.field.name,
                .value(column: position(of: column.sql), column.field.type)
            )
        }
        let key = reference.relationshipName ?? reference.name
        result.shape.set(key, .typeOf(idColumn: id, shapes, otherwise: otherwise))
    }

    private mutating func shape(
        of target: ObjectType,
        _ fields: [Query.Name],
        _ reference: Field,
        idColumn: Int
    ) throws(APIError) -> RecordShape {
        let alias = result.from.join(target, to: result.from.rootAlias, by: reference)
        var shape = RecordShape(type: target.name, idColumn: idColumn)
        for name in fields {
            guard let field = target.field(name.text) else {
                throw diagnostics.noSuchColumn(name.text, on: target.name, at: name.offset)
            }
            let sql = result.from.sql(of: field, in: target, alias: alias)
            shape.set(field.name, .value(column: position(of: sql), field.type))
        }
        return shape
    }
}
