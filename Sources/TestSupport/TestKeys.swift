/// Keys that were made for tests and open nothing.
public enum TestKeys {
    /// An RSA key of 2,048 bits.
    public static let privateKey = """
        -----BEGIN PRIVATE KEY-----
        MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQCwa6GFrpPy85J1
        IR7FlFkrYYaaUXxvgeWhQyqoFRyukpPjC2+HzMJE64moFvEzeGL5l5Oc38Ro6rIl
        7yTDHfLrRvVU4LS5BDdaFDQ3Bx5TGbUbTDqnyakDHdyJAmbBWiZ6QCqRLvU4a7FA
        b6h0yTMl8xLP3hcVNA6DKL2hKLU8eXqjrpVOTOlqyBSenpdPicQPaOy12a33lytg
        vKBLkeAkJ8FOUzo0foRCPYMAe5OD/IfwJY14Al368m2m5x/zu5ndHLP2bczS0az2
        4c92o7f6Yh9oWaLjSrfBY+Ay7HviLUj0Xz/WRHGLOvoqu/8DBJVghQ/kLuJtH4Hi
        5CH+MAYHAgMBAAECggEAV978ICwgt9F3AM0i2RF3SoK0evecTaP6/pQIUpjVZORQ
        MbW38wFbP927flQTBmpvjdbgKLJRz1oaqodPHbo0jNiWiJS1nzPI6B6JFWF/yq9S
        xAp3aqwoeQtuFXXzPVoMMTb1nMOxU01ch3Y2BxlR1xSXqZ56i86WbeCkdvliMACR
        w+wpi8zY4rFBd19HPbXujwbfFmux7Mjt5vkP2YQHQaieIgkk69ZMo1q81mlXW0jR
        1OSFNVPqmuPDnxC2ZkMp5X9Z3fSfD7Sa4ZMv5x+tRzHLh/e5c1+9V+3Q7ECQkr+8
        rnZ8qVxGjuyfgI3ipNry2TvXm12hj1SpG0Bd+IefjQKBgQD2M7rV3t7B52p9K43g
        8a8byf8/lbk8SJUf9znXW6c+nskzVqcp/91E8rpRs9voRkC7pqsN7lU3n7XvhUK7
        0CgwvDnvUT+VXZspRJ3nUqlN0ikw8Ak80goXdVLww3oOvQ3QqwKp6VNDJVOEv5Zf
        EAniXc5SqP0MEnXaOY53MV6UPQKBgQC3cPnlhtpVNRaPfQD3s++2YFMz3KW3qakX
        0uAp2McwOenS7vv9qHtlP2ak7LFA8kNzDpEIbjL1r+fFCoIKh8SE9doUZcMPXD6z
        jNMPiv1BI0Lr0C8Khk0CAIaNDNjG2HGrBLPuUOlS20AmhnCcErKc7LHErRQFRLy3
        egRTmofzkwKBgEAAsKhamNQVodRKV0bL7Xau62EPPilSwRmfPnUiyXZ49tsWwrwj
        XNVIuHD27csTQE7IBB3KAHNGXJiYrwF+GoSY2gLBv2LIA8cVpGr3TTYC1Vx4eh5K
        h/8TK+2VE4zzTr0ZR8b99fw1nuGaoK+zzq3/LtzEO4xA3ExPvB52Qh0NAoGBAJAZ
        DiSQJwgR+NPkVRM/ZIk154XwyLiabLrLKs2UfPvUMmpA0u/yHmRtRls9lwu2gudp
        xOIDdsJqWLz+wSI2flgXrCSjv3NceeCfOdiWzNQTN+l3ksxIrUtqUEeSlOK2eavm
        uNT2+CHfGuhoaSMgyO/eOtKNRxHQahISpj1qQWtDAoGAEGkfLSUGVWRt3751Z5Hf
        VzbwVq33RAC4Xuu1zHayQX1hSrvk94yrd+rVfH1bHiuJ8hYX5dios8zXhx9dzdLn
        Xo5Jomef1Ry4pqbOHFhYy2K97bTPf8VcQ5+XmK6bQcg1YVcuWapbtFZHqxrrJJyu
        V/m3R6HdjWtVLuEX3UA3xkQ=
        -----END PRIVATE KEY-----
        """

    /// The certificate that goes with ``privateKey``.
    public static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIDETCCAfmgAwIBAgIUTILXpBvLe/g+L6JTUG3Y20sApB4wDQYJKoZIhvcNAQEL
        BQAwFzEVMBMGA1UEAwwMRGF5Ym9vayBUZXN0MCAXDTI2MTEyNTIxMzk1MFoYDzIx
        MjYxMTAxMjEzOTUwWjAXMRUwEwYDVQQDDAxEYXlib29rIFRlc3QwggEiMA0GCSqG
        SIb3DQEBAQUAA4IBDwAwggEKAoIBAQCwa6GFrpPy85J1IR7FlFkrYYaaUXxvgeWh
        QyqoFRyukpPjC2+HzMJE64moFvEzeGL5l5Oc38Ro6rIl7yTDHfLrRvVU4LS5BDda
        FDQ3Bx5TGbUbTDqnyakDHdyJAmbBWiZ6QCqRLvU4a7FAb6h0yTMl8xLP3hcVNA6D
        KL2hKLU8eXqjrpVOTOlqyBSenpdPicQPaOy12a33lytgvKBLkeAkJ8FOUzo0foRC
        PYMAe5OD/IfwJY14Al368m2m5x/zu5ndHLP2bczS0az24c92o7f6Yh9oWaLjSrfB
        Y+Ay7HviLUj0Xz/WRHGLOvoqu/8DBJVghQ/kLuJtH4Hi5CH+MAYHAgMBAAGjUzBR
        MB0GA1UdDgQWBBQ9m4ah225H/F9x4t19EWbWBML6mzAfBgNVHSMEGDAWgBQ9m4ah
        225H/F9x4t19EWbWBML6mzAPBgNVHRMBAf8EBTADAQH/MA0GCSqGSIb3DQEBCwUA
        A4IBAQBItYu1xIrwgmFU5Rnc+JiTQe6Kxr69prQoat+62scl5OCN6fIKsMB363Xb
        TzhYn8wxzQdyKsllSv26cy0Uh+1ixDQsOpP4Wga91XB8B5ocT5IaMdYiBlNQAhLi
        PqAK6sMCiW/yqjBX4JBvxTlN+2vV14MZxvKnnhYKOaK1YmqsbpGB3M5HiZcnhWw+
        sxMoOz9+KzBbbW9Jj+7aKip/rUhSV01i7pEbY0ndX1jmTCfic3KKosmL1+FE6qEi
        I7xhMK3Y/AA6YepGGFmg67CzY3Kn4LogFl1mg6cYrOE8Rf7NVAofY8Iz+cvYkSod
        kDonecBB2rs21kLhNTZKfkDEC4W/
        -----END CERTIFICATE-----
        """

    /// The public key that goes with ``privateKey``.
    public static let publicKey = """
        -----BEGIN PUBLIC KEY-----
        MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAsGuhha6T8vOSdSEexZRZ
        K2GGmlF8b4HloUMqqBUcrpKT4wtvh8zCROuJqBbxM3hi+ZeTnN/EaOqyJe8kwx3y
        60b1VOC0uQQ3WhQ0NwceUxm1G0w6p8mpAx3ciQJmwVomekAqkS71OGuxQG+odMkz
        JfMSz94XFTQOgyi9oSi1PHl6o66VTkzpasgUnp6XT4nED2jstdmt95crYLygS5Hg
        JCfBTlM6NH6EQj2DAHuTg/yH8CWNeAJd+vJtpucf87uZ3Ryz9m3M0tGs9uHPdqO3
        +mIfaFmi40q3wWPgMux74i1I9F8/1kRxizr6Krv/AwSVYIUP5C7ibR+B4uQh/jAG
        BwIDAQAB
        -----END PUBLIC KEY-----
        """

    /// Another RSA key of 2,048 bits.
    public static let otherPrivateKey = """
        -----BEGIN PRIVATE KEY-----
        MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQCwn28ExcspwqIN
        GkGInjH26IXrz8IDl09fVBBXJCgBx8agE3iEeKhKjQceVF+fGifn7XDAw1eMGPPt
        bh5Nh/ImT7xNnUVtJ4cSkyFWOcfpCQCZsTHs6PnArP+vsVRCYM+EWY+ZzWwIhvJV
        r+hqmc4DABFGMbMg70yH4gjbZSedSGpRXPQul/uw8tYzGBuLXgNG0ZXtXpVL0HHW
        BUeG5BAiBlCyd6h3sA2ANUgvqZy0Z+Zrga9ldn49F2RdNZrSlenuKekm9JNBLAt9
        uxiUdiR1hGyE9/q8DcdPOPhaCOWaaukeyA2NQ/Wk6zySt+pkrIbw6SV4PcA3Zt1+
        IHxea8wdAgMBAAECggEABijRONPjBWZNu3I+ddK6gFdUkEgzBmgI8xSd60QOBx3d
        7egv7EK+77aiWGrt2METQjHUHEzTqUWXgCC2etKyXaarNPO2n5tgyQOLhpPGRniz
        Zii5Sn9HcnI2Cnz/KL9yjTWIXf89dMCsA9P6IXmSpyUh9RY3nn7p5tU5pNkOvBvj
        DHzXk/WO+F2c2MdqoBXBXnEOiUnnX1CPSziFxk7akkEfpVLLqZ4QT8gtJGPz0N8N
        R79T8cvDc/LTbqOU95+cDG6Q5ZjdKcsnVjGmugiencfgz6a1jyxu/xUaDtL0jDU5
        OrB78NVt+yZRgMEf6qxtQgKPXnxHBbnho3qH1/uh0QKBgQDeqijp6ruwo8b+/Xbe
        LX8OVoGxXTy6bfi4ZOOf1MMC+jZtZa9/o1UEvrQ+lDwqi84pFhtUHGBrG8vLLX/q
        D6uHZO/CkquIV4rmK6c/D0/iKXhLZ3JXBRZFtxNg1/8cFYCa3xJ+KzH8dERKC4yw
        Lk1bLlLmo25AdiOROb5BsCAcBQKBgQDLEKxjVe9Xxexc5/ohedS2htzN9Ea+jzgK
        j+YfOuEptMFkyj19950ShKCwYh+hq7lA6ZPeCzuusFuEaY/DVQZP8Ao6uQ0zKan6
        4r2N8sTZWrir1kf0Q23FMNy2mWQU/vnwK3eo4sjoRIAeXzkKoWpS292cEy8ZYH8g
        bkG1x2ODOQKBgHVLF7BZSbO8IoiSRnq1ZrfL1Bf1cJcYdSvVYZ8BehTob6FjLnbD
        OHb+an6IocUbzmcQUScWp6fkhY8rEbXfuVDiV/acQqXYz79+AWUTkNYnWEoIXU//
        ywLAdQHP5oAJx6xNlDVIVdWR/aMvwFXSnkdI+LysHNjyIrxOua1qtQ9tAoGBAIDf
        PAhu6U7TFYaA0oWcRBryy/8JIDyft/k8CdeYDn3hcTr9/riLBOxTr4dBPsHjsdY4
        ZtdsWZwr4GjQdaSJuU/SDyvldTMbJf1LGPGVOMiYgsrLWy7x/CBBOlHIV3PbvdNm
        QrKz+r0tfAHKfPD6L/gWATakFigMzaFPV/R9bfJBAoGAS3NKJ1VLb1SL6s5Ipx0F
        IXuD4sIDJEjPhMP0AsPjIFIbFosLNBQ6HYUN0BqcFdeh/jQCpzTThImanfIRWX5I
        x0rlOxoW+/QB3kgflbEGAQlXXGyRgZcdH/iOGUb/G5vFAjwMGat+xx6G9guL8Yv0
        xD4mwPTupQGsFRhRMdknJCM=
        -----END PRIVATE KEY-----
        """

    /// A key of another kind.
    public static let ellipticKey = """
        -----BEGIN EC PRIVATE KEY-----
        MHcCAQEEILzq72/ktP1PeqxztP+K09T7vt9d1wqbnQlzXhbMe3meoAoGCCqGSM49
        AwEHoUQDQgAEs2azfsX70khAzZgonHHbyOMhMwiCKA194+2gIIZXGmg57NOH/msS
        VUsOdDpV7DNeXDwNlhpDxm+ccT+3ful/MQ==
        -----END EC PRIVATE KEY-----
        """

    /// An RSA key of 1,024 bits.
    public static let smallKey = """
        -----BEGIN PRIVATE KEY-----
        MIICeAIBADANBgkqhkiG9w0BAQEFAASCAmIwggJeAgEAAoGBAMtWLQHqaZTkJ3Ov
        qdyTnqsXy9h1ibLcd3DDQEgCqI11IsJWy+HGgmVVo/kPQxAekjkGFgNENFHC25DU
        Naj9pIjuvwa85fP0GQWNpuykoe/T6A5d0wHShh6MjtCcYaH/njfsiQs20OJHtZ6Y
        vg7gN0ZsGeNPsrqWKbf9aVlOa547AgMBAAECgYBTNZG3ffj08CTg55roZBSDSXqm
        uvq9khDiuVQd49CcCrpNsv0+CGEmHNS8QC2edBQ8d6wcbBXI+6ekbeMDo8Bneghh
        eAZMu7/uP3IchgVXoK9EmBthHhN7ikFFiJbPad56wTs3tPRicGo/xFaBiCVxQLzI
        QfeO1rTrPy+A11bn8QJBAOyo5FtVUQmKL9628HRS1HLnaytE12wAGyGpYWQ6rzKq
        dlf0+q2HgGZoPNE3pXn5sj+imchaHzh2G+SCPbYbs6kCQQDb9CNZ02jGOLcpssUy
        K/HdixKjJPjuduC9ynhzfjkARQeoDSi2m5CqEz0egqR6yFtKXyCvnscLJ5jjlYqe
        rnFDAkEAjuQCzSqcPVhUQvLOCE4ivCYCTSPJtgnyV8a/aRcNxVerELx3xuKzoiF5
        5xDkNtuOxmFU3OWdSCf3+2awAA6F0QJBAJJzN6ZzcOuqj6of8dS6Fcyg8MPXtjdw
        x6sWyKR9go5/Z92pBVawtd3H+YX7DnECPmaCeEz2tyjiMJY315hYJekCQQC1plMJ
        GqkAB//RktadyF5rLa5HDNJmqiwkTK76kbjZMwEmT0hPwyhuRNa2zfByy6bCAsyA
        Mi2ACXNV4lSKW2ye
        -----END PRIVATE KEY-----
        """
}
