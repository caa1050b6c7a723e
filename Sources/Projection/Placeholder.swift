enum ProjectionPlaceholder {}
